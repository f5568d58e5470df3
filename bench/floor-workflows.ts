// The bare floor: what the same work costs in plain Temporal, without tracking, journal or reservations.

import { condition, defineSignal, executeChild, proxyActivities, setHandler } from '@temporalio/workflow';
import type { FloorActivities } from './floor-activities.js';
import type { MethodCall } from './floor-python.js';

const { markBegin, callPylabrobot } = proxyActivities<FloorActivities>({
  taskQueue: 'floor.activities',
  startToCloseTimeout: '60s',
  retry: { maximumAttempts: 1 },
});

const { holdMotion } = proxyActivities<FloorActivities>({
  taskQueue: 'floor.activities',
  startToCloseTimeout: '60s',
  heartbeatTimeout: '2s',
  cancellationType: 'WAIT_CANCELLATION_COMPLETED',
  retry: { maximumAttempts: 1 },
});

/** When its first activity began, in ms since 1970. */
export async function bareStart(): Promise<number> {
  return markBegin();
}

/** The same PyLabRobot calls as a run, one activity each. */
export async function bareCommands(calls: readonly MethodCall[]): Promise<number> {
  for (const [method, given] of calls) await callPylabrobot(method, given);
  return calls.length;
}

/** Children one after the other, with a parameter and a result and nothing in between. */
export async function bareChildren(count: number): Promise<number> {
  let sum = 0;
  for (let k = 0; k < count; k++) sum += await executeChild(bareChild, { args: [k] });
  return sum;
}

export function bareChild(value: number): Promise<number> {
  return Promise.resolve(value * 2);
}

/** One long activity, to be cancelled. */
export async function bareMotion(socketPath: string): Promise<void> {
  await holdMotion(socketPath);
}

/** Activities one after the other behind a gate, until it is told to end; when each began, in ms since 1970. */
export async function bareGate(): Promise<readonly number[]> {
  let isHeld = false;
  let isOver = false;
  setHandler(defineSignal<[boolean]>('hold'), (held) => {
    isHeld = held;
  });
  setHandler(defineSignal('end'), () => {
    isOver = true;
  });
  const begins: number[] = [];
  for (;;) {
    await condition(() => !isHeld || isOver);
    if (isOver) return begins;
    begins.push(await markBegin());
  }
}
