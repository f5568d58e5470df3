// When commands were asked for first, by whatever execution, and whether one is asked for again: the bridge tells by it what may
// have been sent under a journal that was lost since.

import { isJsonObject, type Json } from '../../domain/json/json.js';
import type { CommandRequest } from '../../domain/wire/wire.js';
import { readWorkflowTimeMs } from '../replay/workflow-clock.js';

export interface FirstAsking {
  readonly atMs: number;
  /** Another retry is another command. */
  readonly retry: number;
  /** Of a block, the number of the command before which it ended. */
  readonly end: number;
}

/** Of a command or block that is not over. */
interface Askings {
  readonly retry: number;
  asked: FirstAsking | undefined;
}

/** When the commands from one number to another were asked for first, which is now where no earlier asking is known that may have begun them. Where one is, clocks do not count. */
export function noteAsking(progress: Askings, { from, end }: { from: number; end: number }): Pick<CommandRequest, 'askedAtMs' | 'isAgain'> {
  const { asked, retry } = progress;
  const isAgain = asked !== undefined && asked.retry === retry && from < asked.end;
  const atMs = isAgain ? asked.atMs : readWorkflowTimeMs();
  progress.asked = { atMs, retry, end: isAgain ? Math.max(end, asked.end) : end };
  return { askedAtMs: atMs, ...(isAgain && { isAgain }) };
}

/** The bridge has said that they did not begin, knowing its journal: whoever asks again asks for the first time. */
export function forgetAsking(progress: Askings): void {
  progress.asked = undefined;
}

/** What an earlier execution left; undefined where it had not asked. */
export function readAsking(carried: Json | undefined): FirstAsking | undefined {
  const { atMs, retry, end } = carried !== undefined && isJsonObject(carried) ? carried : {};
  return typeof atMs === 'number' && typeof retry === 'number' && typeof end === 'number' ? { atMs, retry, end } : undefined;
}
