// What the engine must know of a machine method beside its arguments: whether it may be repeated and how
// long it may take.

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
}
