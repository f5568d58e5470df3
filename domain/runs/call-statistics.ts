// What the call log says of one version of a protocol function, over all runs.

export interface CallStatistics {
  readonly name: string;
  readonly version: string;
  readonly calls: number;
  readonly completed: number;
  readonly failed: number;
  readonly cancelled: number;
  readonly running: number;
  /** Of calls that have ended, from start to end with all waiting in between; null before the first has. */
  readonly durationMs: { readonly p50: number; readonly p95: number; readonly max: number } | null;
  /** Mean number of commands that a call gave itself; those of calls that it made are theirs. */
  readonly commandsPerCall: number;
  readonly firstStartedAt: string;
  readonly lastStartedAt: string;
}
