// `run.timeWindow` of a call: from the author's clock, so that it means the same whenever author code comes to it.

import { describeDuration } from '../../domain/json/duration.js';
import { LabError } from '../../domain/errors/error.js';
import type { Json } from '../../domain/json/json.js';
import type { TimeWindow, TimeWindowOptions } from '../../protocols/sdk/run.js';
import type { Engine } from '../execution/engine.js';
import type { UnderWay } from '../replay/operation.js';
import { findScope, isLeftOver, isShielded, nextOperation, waitForEver, type Scope } from '../replay/scope.js';
import { toMs } from './delay.js';

const NAME_LENGTH_MAX = 200;

type Ended = { readonly tookMs: number; readonly isBroken: boolean };

export interface WindowLimits {
  readonly maxMs: number;
  readonly warnBeforeMs: number | null;
}

/** In the time of the run, which may be shorter than what the author wrote. BAD_ARGUMENTS where it makes no sense. */
export function readWindowLimits({ name, max, warnBefore }: TimeWindowOptions & { readonly name: string }, timeScale = 1): WindowLimits {
  if (name.trim() === '' || name.length > NAME_LENGTH_MAX)
    throw new LabError('BAD_ARGUMENTS', { message: `A time window needs a name of 1 to ${NAME_LENGTH_MAX} characters.` });
  const maxMs = toMs(max, 'run.timeWindow') / timeScale;
  const warnBeforeMs = warnBefore === undefined ? null : toMs(warnBefore, 'warnBefore') / timeScale;
  if (maxMs === 0 || (warnBeforeMs !== null && warnBeforeMs >= maxMs)) {
    throw new LabError('BAD_ARGUMENTS', {
      message: `The time window '${name}' must last longer than 0, and longer than the time before its end at which people are warned.`,
    });
  }
  return { maxMs, warnBeforeMs };
}

/** Work that ends in the moment in which its window does has not been in time. */
export function isBrokenAfter(tookMs: number, { maxMs }: Pick<WindowLimits, 'maxMs'>): boolean {
  return tookMs >= maxMs;
}

export function openTimeWindow(engine: Engine, call: Scope, options: TimeWindowOptions & { readonly name: string }): TimeWindow {
  const { gate, windows, input } = engine;
  const { timeScale = 1 } = input;
  const { name } = options;
  const { maxMs, warnBeforeMs } = readWindowLimits(options, timeScale);
  const scope = findScope(call);
  if (isLeftOver(scope)) return { end: waitForEver };
  const { id } = nextOperation(scope, 'w');
  const startedAtMs = gate.now();
  windows.open({ id, name, callPath: call.path, startedAtMs, maxMs, warnBeforeMs, described: describeDuration(maxMs * timeScale) });
  let ending: Promise<Ended> | undefined;
  return Object.freeze<TimeWindow>({ end: () => (ending ??= endTimeWindow(engine, call, { id, startedAtMs, maxMs })) });
}

function endTimeWindow(
  { gate, windows }: Engine,
  call: Scope,
  { id, startedAtMs, maxMs }: { id: string; startedAtMs: number; maxMs: number },
): Promise<Ended> {
  const scope = findScope(call);
  if (isLeftOver(scope)) return waitForEver();
  const { id: endId } = nextOperation(scope, 'w');
  const tookMs = gate.now() - startedAtMs;
  const isBroken = isBrokenAfter(tookMs, { maxMs });
  // At once: a pause may keep the operation below from beginning, and the work is over all the same.
  if (!isBroken) windows.close(id);
  const run = async (_carried: Json | undefined, underWay: UnderWay): Promise<Json> => {
    if (isBroken) await underWay.mayBeLeft({ isFree: true, carry: () => null }, () => windows.waitForDecision(id));
    return { tookMs, isBroken };
  };
  return gate.step<Json>({ id: endId, what: ['window', maxMs], isShielded: isShielded(), run }) as unknown as Promise<Ended>;
}
