// The one rule of which status people see, from all that is true of a run that has not ended.

import type { RunStatus } from './run.js';

export interface RunFacts {
  readonly isCancelling: boolean;
  /** Inbox items of the run that wait for a person, and alarms that it cannot go on. */
  readonly openItems: number;
  /** Some reason to pause is left. */
  readonly isHeld: boolean;
  /** Of a held run: its bridge has not yet said that no command runs any more. */
  readonly isPausing: boolean;
  /** It waits for its assets, or Temporal does not have it yet. */
  readonly isQueued: boolean;
}

/** The first that holds, in the order of the lines. */
export function showRunStatus(facts: RunFacts): RunStatus {
  if (facts.isCancelling) return 'cancelling';
  if (facts.openItems > 0) return 'needs-operator';
  if (facts.isHeld) return facts.isPausing ? 'pausing' : 'paused';
  return facts.isQueued ? 'queued' : 'running';
}
