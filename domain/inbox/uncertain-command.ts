// An uncertain command in the inbox: nobody knows whether it moved. A person looks at the machine and states what
// happened, down to its channels where they differ; the bridge makes that true or refuses it.

import { isJsonArray, isJsonObject, type Json, type JsonObject } from '../json/json.js';
import { refuseAnswer as refuse } from './question.js';
import type { StateCorrection } from './state-correction.js';

/** A command of which nobody knows whether it moved, with all that is known. */
export interface UncertainCommand {
  readonly kind: 'uncertain-command';
  readonly text: string;
  readonly commandId: string;
  readonly machine: string;
  readonly method: string;
  readonly arguments: JsonObject;
  /** What the bridge knows: how far it came. */
  readonly known: string;
  /** The same in full: `asked`, `sent`, `sensors`, `likely` per channel, well and place, and `late` where its driver returned at last. */
  readonly facts?: JsonObject;
}

/** What the person answers to an uncertain command. */
export interface Resolution {
  readonly happened: 'done' | 'not-done' | 'partly';
  /** `retry` sends it again, `skip` goes on as if it had succeeded, `abort` fails the command. */
  readonly then: 'retry' | 'skip' | 'abort';
  /** What each channel did; of `partly` only, and of every channel that was asked. */
  readonly channels?: readonly ChannelStatement[];
  /** What is true now where the rest does not say it all; `partly` needs these or `channels`. */
  readonly corrections?: readonly StateCorrection[];
  /** What a skipped command returns to the protocol. */
  readonly result?: Json;
}

export interface ChannelStatement {
  readonly channel: number;
  readonly happened: 'done' | 'not-done';
}

/** Throws ANSWER_TYPE saying what is wanted. */
export function requireResolution(answer: Json): Resolution {
  if (!isJsonObject(answer)) return refuse('an object with happened and then', answer);
  const { happened, then, corrections = [], channels = [], result, ...unknown } = answer;
  const extra = Object.keys(unknown)[0];
  if (extra !== undefined) return refuse(`happened, then, channels, corrections and result only, without '${extra}'`, answer);
  if (happened !== 'done' && happened !== 'not-done' && happened !== 'partly')
    return refuse('happened: done, not-done or partly', happened ?? null);
  if (then !== 'retry' && then !== 'skip' && then !== 'abort') return refuse('then: retry, skip or abort', then ?? null);
  if (!isJsonArray(corrections) || !corrections.every(isJsonObject)) return refuse('corrections: a list of facts', corrections);
  const stated = requireChannels(channels);
  if (happened !== 'partly' && stated.length > 0) return refuse('partly where channels are told apart', answer);
  if (happened === 'partly' && corrections.length === 0 && stated.length === 0)
    return refuse('channels or at least one correction where the command was partly done', answer);
  const didSome = happened === 'done' || stated.some((each) => each.happened === 'done');
  if (didSome && then === 'retry') return refuse('skip or abort for a command that was done: a retry would do it twice', answer);
  const facts = corrections as unknown as readonly StateCorrection[];
  return {
    happened,
    then,
    ...(stated.length > 0 && { channels: stated }),
    corrections: facts,
    ...(result === undefined ? {} : { result }),
  };
}

function requireChannels(given: Json): readonly ChannelStatement[] {
  if (!isJsonArray(given)) return refuse('channels: a list of { channel, happened }', given);
  return given.map((each) => {
    const { channel, happened } = isJsonObject(each) ? each : {};
    if (typeof channel !== 'number' || !Number.isInteger(channel) || (happened !== 'done' && happened !== 'not-done')) {
      return refuse('channels: each { channel: a number, happened: done or not-done }', each);
    }
    return { channel, happened };
  });
}
