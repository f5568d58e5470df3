// A machine error in the inbox: a command that failed, of which everybody knows what it did, where the recovery policy of
// its protocol says to ask. A person mends the cause and says how the run goes on.

import { isJsonArray, isJsonObject, type Json, type JsonObject } from '../json/json.js';
import { refuseAnswer as refuse } from './question.js';
import type { StateCorrection } from './state-correction.js';

export interface MachineError {
  readonly kind: 'machine-error';
  readonly text: string;
  readonly commandId: string;
  readonly machine: string;
  readonly method: string;
  readonly arguments: JsonObject;
  readonly code: string;
  /** What the machine said. */
  readonly known: string;
  /** What each channel did, where the machine told. */
  readonly channels?: JsonObject;
  /** False where some of it was done: a retry would do that twice, unless corrections say what is true now. */
  readonly mayRetry: boolean;
}

/** What the person answers. `retry` sends the command again, `skip` goes on as if it had succeeded, `abort` gives the error to the protocol. */
export interface Recovery {
  readonly then: 'retry' | 'skip' | 'abort';
  /** What is true on the deck now; made true before the answer counts. */
  readonly corrections?: readonly StateCorrection[];
  /** What a skipped command returns to the protocol. */
  readonly result?: Json;
}

/** Throws ANSWER_TYPE saying what is wanted. */
export function requireRecovery({ mayRetry }: MachineError, answer: Json): Recovery {
  if (!isJsonObject(answer)) return refuse('an object with then', answer);
  const { then, corrections = [], result, ...unknown } = answer;
  const extra = Object.keys(unknown)[0];
  if (extra !== undefined) return refuse(`then, corrections and result only, without '${extra}'`, answer);
  if (then !== 'retry' && then !== 'skip' && then !== 'abort') return refuse('then: retry, skip or abort', then ?? null);
  if (!isJsonArray(corrections) || !corrections.every(isJsonObject)) return refuse('corrections: a list of facts', corrections);
  if (then === 'retry' && !mayRetry && corrections.length === 0)
    return refuse('skip, abort, or retry with corrections: some of the command was done', answer);
  if (result !== undefined && then !== 'skip') return refuse('a result with skip only', answer);
  const facts = corrections as unknown as readonly StateCorrection[];
  return { then, ...(facts.length > 0 && { corrections: facts }), ...(result !== undefined && { result }) };
}
