// What a protocol function is told about its run, and what it can ask of it.

import type { RunMode } from '../../domain/run.js';

export interface CleanupRegistration {
  /** Takes the cleanup away: what it guarded is done. */
  dispose(): void;
}

export interface CleanupOptions {
  /** `failed` (default): when the call fails or is cancelled; `always`: also when it completes. */
  readonly when?: 'failed' | 'always';
}

/** Frozen; one per call. Its only clock is `now()`, its only chance `random()`. */
export interface Run {
  readonly id: string;
  readonly user: string;
  readonly protocol: string;
  readonly version: string;
  readonly callPath: string;
  readonly mode: RunMode;
  readonly workcell: string;
  /** Milliseconds since 1970 of the last thing this run learned; the same under replay. */
  now(): number;
  /** From 0 to below 1, from a seed of run id and call path; the same under replay. */
  random(): number;
  /**
   * Registers work for the end of this call, last in first out. A failing cleanup does not stop the
   * others; it appears in the run's error.
   */
  onCleanup(name: string, cleanup: () => Promise<void>, options?: CleanupOptions): CleanupRegistration;
}
