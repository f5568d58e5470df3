// A tracked operation, as the gate is given it, how it may end, and how it is left to the next execution of its workflow.

import type { Json } from '../../domain/json/json.js';
import type { KeptAs, LedgerEntry } from './ledger.js';
import type { Place } from './limit-open.js';

export interface Operation<T extends Json> {
  /** Names it for ever: the same on every way to it. */
  readonly id: string;
  /** What it does: its kind or method, and its arguments. The same on every way to it. */
  readonly what: Json;
  /** Also begins when the run is cancelled or paused: part of a cleanup. */
  readonly isShielded: boolean;
  /** It may take long and can't be left to the next execution: others go on meanwhile, whatever the history weighs. */
  readonly mustEnd?: boolean;
  /** Where it is done, if only so many may be under way there at once. */
  readonly place?: Place;
  /** `carried` is what an earlier execution of the workflow left for it. */
  readonly run: (carried: Json | undefined, underWay: UnderWay) => Promise<T>;
  /** Where its result can be read again, should it be too large to carry over. */
  readonly keptAs?: () => KeptAs | undefined;
  /** How often its command was sent again. */
  readonly retry?: () => number;
  /** Called with that number when the result comes from the ledger. */
  readonly recallRetry?: (retry: number) => void;
}

/** An operation that has begun and not ended. */
export interface UnderWay {
  /**
   * While `work` is under way the workflow may continue as new without its end: what goes on outside goes on, and the next
   * execution begins the operation again from what `leaving.carry` gives. Outside of it an operation is waited for.
   */
  mayBeLeft<T>(leaving: Leaving, work: () => Promise<T>): Promise<T>;
}

export interface Leaving {
  /** What the next execution begins it from, undefined where that is nothing yet; asked for in the moment in which this one ends. */
  readonly carry: () => Json | undefined;
  /** Beginning it again costs nothing outside: it only waits, or hears of its end by itself. */
  readonly isFree: boolean;
}

/** Where nothing is ever left. */
export const STAYING: UnderWay = { mayBeLeft: (_leaving, work) => work() };

/** Thrown by an operation that waits and can't be left where it stands: the next execution goes on with it from what it gives here. */
export class Rearm extends Error {
  override readonly name = 'Rearm';
  readonly carried: Json;
  constructor(carried: Json) {
    super('Goes on in the next execution of the workflow');
    this.carried = carried;
  }
}

export type Live = { readonly value: Json } | { readonly error: unknown };
/** Tells whoever waits; `live` where the completion comes from the world and not from the ledger. */
export type Settle = (entry: LedgerEntry, live?: Live) => void;
