// Temporal's own limit of one entry into workflow code is no option that its types know; this shows that it holds, and that
// a slot is not used any more in which an entry was broken off.

import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { SLOT_LIMITS } from '../../slots/workflow-slots.js';
import { toFixtureEntry } from '../rig/fixture-entry.js';
import type { EngineRig } from '../rig/engine-rig.js';
import { startEngine } from '../rig/start-engine.js';
import { waitFor } from '../rig/start-lab.js';

let rig: EngineRig;
const messages: string[] = [];
const struck: string[] = [];

beforeAll(async () => {
  rig = await startEngine({
    entry: toFixtureEntry('test/fixtures/hostile/hostile.protocol.ts'),
    slots: {
      limits: { ...SLOT_LIMITS, turnMsMax: 600_000 },
      onStrike: ({ workflowId }) => {
        struck.push(workflowId);
      },
      onFailing: (_run, { message }) => {
        messages.push(message);
      },
    },
  });
}, 240_000);
afterAll(() => rig?.end());

test('an entry that takes too long is broken off by Temporal; its run has a strike, and the runs beside it go on', async () => {
  const beside = await rig.start('healthy', { count: 1_000 });
  const runId = await rig.start('hurt', { kind: 'regex' });
  await waitFor('the end of the entry', () =>
    Promise.resolve(messages.some((message) => /Script execution timed out after 10000ms|pending completions/u.test(message))),
  );
  expect(await rig.result(await rig.start('healthy', { count: 3 }))).toBe('healthy');
  expect(struck).toContain(runId);
  expect(struck.filter((each) => each !== runId)).toEqual([]);
  for (const each of [runId, beside]) await rig.client.workflow.getHandle(each).terminate('test');
}, 120_000);
