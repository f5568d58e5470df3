// The locks port: leases that keep two processes from doing the same work twice. Not for machines: those are held by
// reservations, which no clock ends. A lease may end before its holder notices, so what must not happen twice is
// checked against the fence where it is written.

export interface Lock {
  readonly name: string;
  /** Chosen by the owner, unique to it. */
  readonly token: string;
  /** Rises with every new owner of this name. */
  readonly fence: number;
}

export interface Locks {
  /**
   * Null where somebody else holds it, or where nobody can tell. The same token again renews, with the fence it had:
   * an owner that never got its answer asks again.
   */
  acquire(name: string, token: string, ttlMs: number): Promise<Lock | null>;
  /** False where the lease has ended, or where nobody can tell: the owner stops its work. */
  renew(lock: Lock, ttlMs: number): Promise<boolean>;
  /** False where it was no longer held. */
  release(lock: Lock): Promise<boolean>;
}
