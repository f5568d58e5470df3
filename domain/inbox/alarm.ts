// Alarms: what has gone quiet or takes too long. Raised once for each cause, ended when the cause is over, and on the list
// until somebody has acknowledged them.

import { ALARM_CAUSES, type AlarmCause } from '../../contract/words/inbox.js';
import { describeDuration } from '../json/duration.js';

export { ALARM_CAUSES, type AlarmCause };

/** A command counts as slow after this many times its expected duration, and a margin. */
export const SLOW_FACTOR = 2;
export const DEFAULT_SLOW_MARGIN_MS = 30_000;
/** A workcell with open runs counts as silent when neither its worker nor its bridge was heard of for so long. */
export const DEFAULT_SILENT_AFTER_MS = 20_000;
/** How often a workcell worker says that it and its bridge are there. */
export const HEARTBEAT_INTERVAL_MS = 2_000;

/** How long a command may take before an alarm is raised. */
export function toSlowAfterMs(expectedMs: number, marginMs: number): number {
  return expectedMs * SLOW_FACTOR + marginMs;
}

export interface WorkcellSilence {
  readonly workcell: string;
  /** Runs there that Temporal has and that have not ended. */
  readonly openRuns: number;
  /** Milliseconds since each was heard of; since the first of the open runs began where it never was. */
  readonly workerMs: number;
  readonly bridgeMs: number;
  /** Milliseconds since 1970 at which it was heard last: names this silence. */
  readonly workerHeardAtMs: number;
  readonly bridgeHeardAtMs: number;
}

export interface FoundSilence {
  readonly cause: Extract<AlarmCause, 'silent-worker' | 'silent-bridge'>;
  readonly text: string;
  readonly heardAtMs: number;
}

/** A bridge is heard of through its worker, so of both the worker is named. */
export function findSilence(silence: WorkcellSilence, silentAfterMs: number): FoundSilence | undefined {
  const { workcell, openRuns, workerMs, bridgeMs, workerHeardAtMs, bridgeHeardAtMs } = silence;
  if (openRuns === 0 || Math.max(workerMs, bridgeMs) <= silentAfterMs) return undefined;
  const isWorker = workerMs > silentAfterMs;
  const since = describeDuration(Math.floor(silentAfterMs / 1_000) * 1_000);
  const text = `The ${isWorker ? 'worker' : 'bridge'} of workcell ${workcell} was not heard of for ${since}, and ${openRuns === 1 ? 'a run is' : `${openRuns} runs are`} open there.`;
  return { cause: isWorker ? 'silent-worker' : 'silent-bridge', text, heardAtMs: isWorker ? workerHeardAtMs : bridgeHeardAtMs };
}
