// Calls that have begun are told of soon, also where no command takes their entries along; and those that have commands cost
// nothing more.

import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { EngineRig } from './rig/engine-rig.js';
import { toFixtureEntry } from './rig/fixture-entry.js';
import { startEngine } from './rig/start-engine.js';
import { waitFor } from './rig/start-lab.js';

let rig: EngineRig;

beforeAll(async () => {
  rig = await startEngine({ entry: toFixtureEntry('test/fixtures/engine/quiet-calls.protocol.ts') });
}, 240_000);
afterAll(() => rig?.end());

const PATHS = ['quiet_nest', 'quiet_nest/nest.1', 'quiet_nest/nest.1/waits.1'];

function listPhases(runId: string): string[] {
  const entries = [...rig.asked.entries].filter(([key]) => key.startsWith(runId)).map(([, entry]) => entry);
  return entries.map(({ phase, path }) => `${phase} ${path}`).sort();
}

async function countEvents(workflowId: string, kind: 'timerStartedEventAttributes' | 'activityTaskScheduledEventAttributes') {
  const { events } = await rig.client.workflow.getHandle(workflowId).fetchHistory();
  return (events ?? []).filter((event) => event[kind]).length;
}

test('a nest of calls without commands is told of while it goes on, and once', async () => {
  const runId = await rig.start('quiet_nest', { waitMs: 60_000 }, { historyBudgetEvents: 200 });
  await waitFor('all calls to be told of', () => Promise.resolve(listPhases(runId).length === PATHS.length));
  expect(listPhases(runId)).toEqual(PATHS.map((path) => `started ${path}`));
  const status = (await rig.client.workflow.getHandle(runId).describe()).status.name;
  expect(status).toBe('RUNNING');
  await rig.client.workflow.getHandle(runId).signal('cancel', { by: 'test' });
  await rig.result(runId).catch(() => undefined);
  expect(listPhases(runId)).toEqual([...PATHS.map((path) => `cancelled ${path}`), ...PATHS.map((path) => `started ${path}`)].sort());
  await rig.replay(runId);
  await rig.replay(`${runId}/${PATHS[1] ?? ''}`);
});

test('where Postgres takes nothing, such a nest ends all the same, and nothing of it is lost', async () => {
  let letGo = (): void => undefined;
  const held = new Promise<void>((resolve) => {
    letGo = resolve;
  });
  let asked = 0;
  rig.onRecord = () => {
    asked += 1;
    return held;
  };
  const runId = await rig.start('quiet_nest', { waitMs: 3_000 });
  expect(await rig.result(runId)).toBe(1);
  rig.onRecord = () => Promise.resolve();
  letGo();
  expect(asked).toBeGreaterThan(0);
  expect(listPhases(runId)).toEqual([...PATHS.map((path) => `completed ${path}`), ...PATHS.map((path) => `started ${path}`)].sort());
});

test('commands take entries along as before: no timer, and no activity but theirs', async () => {
  const runId = await rig.start('busy', { waitMs: 0 });
  expect(await rig.result(runId)).toBe(5);
  expect(await countEvents(runId, 'timerStartedEventAttributes')).toBe(0);
  expect(await countEvents(runId, 'activityTaskScheduledEventAttributes')).toBe(6);
});
