// How much of a workflow may begin at once: one task holds all of it, and Temporal takes no task above 4 MiB.

import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { PAYLOAD_LIMIT_BYTES } from '../platform/large-payloads.js';
import { NOTES_OPEN_MAX } from '../workflows/execution/limit-activities.js';
import { OPEN_OPERATIONS_MAX } from '../workflows/replay/limit-open.js';
import { STARTS_AT_ONCE_MAX } from '../workflows/execution/open-children.js';
import { toFixtureEntry } from './rig/fixture-entry.js';
import type { EngineRig } from './rig/engine-rig.js';
import { startEngine } from './rig/start-engine.js';

/** Of the server, for one message. */
const MESSAGE_LIMIT_BYTES = 4 * 1024 * 1024;
/** Of the message, for what is not payloads: headers, names, the state that continues. */
const REST_BYTES = 1024 * 1024;

let rig: EngineRig;
beforeAll(async () => {
  rig = await startEngine({ entry: toFixtureEntry('test/fixtures/engine/sizes.protocol.ts') });
}, 240_000);
afterAll(() => rig?.end());

test('all that may begin in one task fits into one message', () => {
  expect((OPEN_OPERATIONS_MAX + NOTES_OPEN_MAX + STARTS_AT_ONCE_MAX) * PAYLOAD_LIMIT_BYTES).toBeLessThan(MESSAGE_LIMIT_BYTES - REST_BYTES);
});

test('a hundred and twenty children with a state just below what is put away begin in turns, and all end', async () => {
  const runId = await rig.start('large_state', { count: 120, bytes: PAYLOAD_LIMIT_BYTES - 2_000 });
  expect(await rig.result(runId)).toBe(120);
  const { events } = await rig.client.workflow.getHandle(runId).fetchHistory();
  const startsOfTasks = new Map<string, number>();
  for (const { startChildWorkflowExecutionInitiatedEventAttributes: start } of events ?? []) {
    const task = start && String(start.workflowTaskCompletedEventId);
    if (task !== undefined && task !== null) startsOfTasks.set(task, (startsOfTasks.get(task) ?? 0) + 1);
  }
  expect([...startsOfTasks.values()].reduce((sum, starts) => sum + starts, 0)).toBe(120);
  expect(Math.max(...startsOfTasks.values())).toBeLessThanOrEqual(STARTS_AT_ONCE_MAX);
}, 240_000);
