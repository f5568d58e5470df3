// Words of runs: how one stands, and why it is held.

export const RUN_STATUSES = [
  'queued',
  'pausing',
  'paused',
  'running',
  'needs-operator',
  'cancelling',
  'completed',
  'failed',
  'cancelled',
] as const;
export type RunStatus = (typeof RUN_STATUSES)[number];

export const ENDED_RUN_STATUSES = ['completed', 'failed', 'cancelled'] as const;
export type EndedRunStatus = (typeof ENDED_RUN_STATUSES)[number];

/** Why no new command begins. Reasons are a set; the run goes on when none is left. */
export const PAUSE_REASONS = ['operator', 'stop-all', 'uncertain', 'asset', 'policy'] as const;
export type PauseReason = (typeof PAUSE_REASONS)[number];

/** Runs of a list are counted so far; nobody reads a larger number, and counting all would take long in an old lab. */
export const COUNTED_RUNS_MAX = 10_000;
