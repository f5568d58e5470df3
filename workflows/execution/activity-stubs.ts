// The activities a run workflow schedules, with their queues, limits and retries. Types only come from
// activities/; what they do runs in other processes.

import { proxyActivities, type ActivityOptions } from '@temporalio/workflow';
import type { CalculationActivities, CommandActivities, ControlActivities } from '../../activities/activity-types.js';
import { getMethodPolicy } from '../../domain/catalogue/method-policy.js';
import { toCalculationQueue, toCommandQueue, toControlQueue } from '../../domain/values/ids.js';
import type { JsonObject } from '../../domain/json/json.js';
import { toSummary } from '../../domain/values/summary.js';

/** A dead worker costs this much; attaching makes a false alarm harmless. */
const HEARTBEAT_TIMEOUT_MS = 2_000;
const RETRY_INTERVAL_MS = 100;
/** Every attempt waits up to 30 s for the bridge itself, so this is a day without one. */
const COMMAND_ATTEMPTS_MAX = 3_000;
/** Added to the longest time of a method: the bridge decides first that an outcome is in doubt. */
const COMMAND_MARGIN_MS = 60_000;
const CONTROL_TIMEOUT_MS = 60_000;
/** A worker that died in the middle costs this much, not the whole timeout. */
const CONTROL_HEARTBEAT_TIMEOUT_MS = 5_000;
const CONTROL_RETRY_INTERVAL_MS = 200;
/** About a day of Postgres or bridge being away. */
const CONTROL_ATTEMPTS_MAX = 20_000;
/** A calculation that takes longer is ended by its worker. */
const CALCULATION_TIMEOUT_MS = 15 * 60_000;
const CALCULATION_ATTEMPTS_MAX = 5;

interface CommandKind {
  readonly frontend: string;
  readonly method: string;
  readonly arguments: JsonObject;
}

/** Options of one command: they depend on the method and carry the line shown in the Web UI. */
export function toCommandOptions(command: CommandKind & { workcell: string; summary: string }): ActivityOptions {
  return toBlockOptions([command], command);
}

/** Options of many commands in one activity. */
export function toBlockOptions(
  commands: readonly CommandKind[],
  { workcell, summary }: { workcell: string; summary: string },
): ActivityOptions {
  const longestMs = commands.reduce((sum, each) => sum + getMethodPolicy(each.frontend, each.method, each.arguments).longestMs, 0);
  return {
    taskQueue: toCommandQueue(workcell),
    summary: toSummary(summary),
    heartbeatTimeout: HEARTBEAT_TIMEOUT_MS,
    startToCloseTimeout: longestMs + COMMAND_MARGIN_MS,
    cancellationType: 'WAIT_CANCELLATION_COMPLETED',
    retry: { initialInterval: RETRY_INTERVAL_MS, backoffCoefficient: 1, maximumAttempts: COMMAND_ATTEMPTS_MAX },
  };
}

export const commandActivities = proxyActivities<CommandActivities>({ startToCloseTimeout: CONTROL_TIMEOUT_MS });

export function createControlActivities(workcell: string): ControlActivities {
  const options: ActivityOptions = {
    taskQueue: toControlQueue(workcell),
    startToCloseTimeout: CONTROL_TIMEOUT_MS,
    heartbeatTimeout: CONTROL_HEARTBEAT_TIMEOUT_MS,
    retry: { initialInterval: CONTROL_RETRY_INTERVAL_MS, backoffCoefficient: 1, maximumAttempts: CONTROL_ATTEMPTS_MAX },
  };
  // A newer wish does not wait until the older one hears of it: by its revision that one changes nothing any more, and ends.
  const { applyControl } = proxyActivities<Pick<ControlActivities, 'applyControl'>>({ ...options, cancellationType: 'TRY_CANCEL' });
  return new Proxy(proxyActivities<ControlActivities>(options), {
    get: (all, name): unknown => (name === 'applyControl' ? applyControl : Reflect.get(all, name)),
  });
}

export function createCalculationActivities(protocolQueue: string, summary: string): CalculationActivities {
  return proxyActivities<CalculationActivities>({
    taskQueue: toCalculationQueue(protocolQueue),
    startToCloseTimeout: CALCULATION_TIMEOUT_MS,
    heartbeatTimeout: CONTROL_HEARTBEAT_TIMEOUT_MS,
    summary: toSummary(summary),
    retry: { initialInterval: CONTROL_RETRY_INTERVAL_MS, maximumAttempts: CALCULATION_ATTEMPTS_MAX },
  });
}
