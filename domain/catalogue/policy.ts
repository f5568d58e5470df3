// What the engine must know of a machine method beside its arguments: whether it may be repeated, how long it may take
// and what stops it. The tables in policies/ are written by hand; a test sees to it that none of the catalogue is missing.

import type { Json, JsonObject } from '../json/json.js';
import type { ArgumentBounds } from './argument-bounds.js';

/**
 * `read-only` may run again freely; `set-state` after a status check; `costly` only by a person's
 * decision although it harms nothing; `non-idempotent` never without a person.
 */
export type RetryClass = 'read-only' | 'set-state' | 'costly' | 'non-idempotent';

export interface MethodPolicy {
  readonly retryClass: RetryClass;
  /** What it usually takes on a real machine. */
  readonly expectedMs: number;
  /** When it has still not ended by then, its outcome is in doubt. */
  readonly longestMs: number;
  /** Method of the same machine that ends the motion early; null where nothing does. */
  readonly stopMethod: string | null;
}

/** A fixed time, or one that follows from the arguments. */
export type DurationRule = number | ((given: JsonObject) => number);

export interface CommandPolicy {
  readonly retryClass: RetryClass;
  readonly expectedMs: DurationRule;
  readonly longestMs: DurationRule;
  readonly stopMethod?: string;
  /** Reads again and again until something is reached: nothing moves, so ending it early takes no stop method. */
  readonly isLook?: true;
  /** The code with which it fails, before anything moves, where there is nothing to do for it. */
  readonly nothingToDo?: 'TIP_MISSING';
  /** Of its arguments, where they are others than everywhere (`ARGUMENT_BOUNDS`). A machine of one's own has these alone. */
  readonly bounds?: ArgumentBounds;
}

/** A method that is never sent: several motions in one, or a mere wait. The reason says what to use instead. */
export interface NotACommand {
  readonly notACommand: string;
}

export type PolicyTable = Readonly<Record<string, CommandPolicy | NotACommand>>;

export function isCommandPolicy(entry: CommandPolicy | NotACommand): entry is CommandPolicy {
  return 'retryClass' in entry;
}

export function toMs(rule: DurationRule, given: JsonObject): number {
  return typeof rule === 'number' ? rule : rule(given);
}

/** An argument in seconds as milliseconds; `defaultS` where it is left out or is no number. */
export function readSeconds(given: JsonObject, name: string, defaultS: number): number {
  return toNumber(given[name], defaultS) * 1_000;
}

export function toNumber(value: Json | undefined, otherwise: number): number {
  return typeof value === 'number' && Number.isFinite(value) ? value : otherwise;
}
