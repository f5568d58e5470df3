// One fault of a case, as its plan says it.

export interface Fault {
  readonly kind: string;
  /** After the start of the case. */
  readonly atMs: number;
  /** How long what lasts lasts. */
  readonly lastsMs: number;
  /** Of faults of devices: which, and at which of its operations from now on. */
  readonly device?: string;
  readonly nth?: number;
}
