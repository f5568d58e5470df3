// Alarms: what has gone quiet or takes too long. Raised once for each cause, ended when the cause is over, and on the list
// until somebody has acknowledged them.

export const ALARM_CAUSES = ['slow-command', 'silent-worker', 'silent-bridge'] as const;
export type AlarmCause = (typeof ALARM_CAUSES)[number];

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
