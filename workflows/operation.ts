// A tracked operation, as the gate is given it, and how it may end.

import type { Json } from '../domain/json.js';
import type { KeptAs, LedgerEntry } from './ledger.js';

export interface Operation<T extends Json> {
  /** Names it for ever: the same on every way to it. */
  readonly id: string;
  /** Nothing went on beside it when author code asked for it. */
  readonly isLone: boolean;
  /** Also begins when the run is cancelled or paused: part of a cleanup. */
  readonly isShielded: boolean;
  /** `carried` is what an earlier execution of the workflow left for it by Rearm. */
  readonly run: (carried: Json | undefined) => Promise<T>;
  /** Where its result can be read again, should it be too large to carry over. */
  readonly keptAs?: () => KeptAs | undefined;
}

/** Thrown by an operation that waits: the next execution goes on with it from what it gives here. */
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
