// Turns that go well where they are executed and that Temporal does not record, because they are too large or too late, are
// heard of as failures; runs that only have to leave their process and come back are not.

import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { Client } from '@temporalio/client';
import { NativeConnection } from '@temporalio/worker';
import { createIsClosed } from '../slots/tell-stuck-runs.js';
import type { Failing } from '../slots/turn-record.js';
import { toFixtureEntry } from './rig/fixture-entry.js';
import type { EngineRig } from './rig/engine-rig.js';
import { startEngine } from './rig/start-engine.js';
import { waitFor } from './rig/start-lab.js';

const TEST_LIMIT_MS = 120_000;
/** What `createStuckRunTeller` waits for. */
const TIMES = 2;
/** More than stay in their process. */
const RUNS = 5;
const TURNS = 8;

let rig: EngineRig;
const failing: (Failing & { readonly workflowId: string })[] = [];
const well: string[] = [];

beforeAll(async () => {
  rig = await startEngine({
    entry: toFixtureEntry('test/fixtures/hostile/hostile.protocol.ts'),
    keptRuns: 2,
    slots: {
      onFailing: ({ workflowId }, each) => {
        failing.push({ workflowId, ...each });
      },
      onWell: ({ workflowId }) => {
        well.push(workflowId);
      },
    },
  });
}, 240_000);
afterAll(() => rig?.end());

test.each(['late', 'large'])(
  '%s: each time is a failure, and none goes well',
  async (kind) => {
    const runId = await rig.start('unrecorded', { kind });
    await waitFor('the failures', () => Promise.resolve(failing.some((each) => each.workflowId === runId && each.times >= TIMES)), {
      timeoutMs: 60_000,
    });
    expect(failing.find((each) => each.workflowId === runId)).toMatchObject({
      times: 1,
      isUnrecorded: true,
      message: expect.stringContaining('Temporal has not recorded its turn') as unknown,
    });
    const wellBefore = well.filter((each) => each === runId).length;
    await waitFor('one more', () => Promise.resolve(failing.some((each) => each.workflowId === runId && each.times > TIMES)), {
      timeoutMs: 60_000,
    });
    expect(well.filter((each) => each === runId)).toHaveLength(wellBefore);
    await rig.client.workflow.getHandle(runId).terminate('test');
  },
  TEST_LIMIT_MS,
);

test(
  'whether a workflow has closed is asked on the connection of the worker',
  async () => {
    const connection = await NativeConnection.connect({ address: rig.place.address });
    const isClosed = createIsClosed(new Client({ connection, namespace: rig.place.namespace }));
    const runId = await rig.start('healthy', { count: 1_000 });
    expect([await isClosed(runId), await isClosed('unknown')]).toEqual([false, true]);
    await rig.client.workflow.getHandle(runId).terminate('test');
    expect(await isClosed(runId)).toBe(true);
    await connection.close();
  },
  TEST_LIMIT_MS,
);

test(
  'runs that leave their process after nearly each turn and are led back to where they were go well',
  async () => {
    const runIds = await Promise.all(Array.from({ length: RUNS }, () => rig.start('healthy', { count: TURNS })));
    for (const runId of runIds) expect(await rig.result(runId)).toBe('healthy');
    expect(failing.filter(({ workflowId }) => runIds.includes(workflowId))).toEqual([]);
    for (const runId of runIds) expect(well.filter((each) => each === runId).length).toBeGreaterThanOrEqual(TURNS);
  },
  TEST_LIMIT_MS,
);
