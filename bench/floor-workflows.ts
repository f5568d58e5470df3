// The bare floor: what the same work costs in plain Temporal, without tracking, journal or reservations.

import { proxyActivities } from '@temporalio/workflow';
import type { FloorActivities } from './floor-activities.js';

const { markBegin, callPylabrobot } = proxyActivities<FloorActivities>({
  taskQueue: 'floor.activities',
  startToCloseTimeout: '60s',
  retry: { maximumAttempts: 1 },
});

/** When its first activity began, in ms since 1970. */
export async function bareStart(): Promise<number> {
  return markBegin();
}

/** The same PyLabRobot calls as a run, one activity each. */
export async function bareCommands(calls: readonly (readonly [method: string, given: unknown])[]): Promise<number> {
  for (const [method, given] of calls) await callPylabrobot(method, given);
  return calls.length;
}
