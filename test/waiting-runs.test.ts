// A run that waits for its machines waits over as many executions as it takes: it keeps its place in Postgres, is granted once, and what it
// hears meanwhile counts.

import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { closeRun } from '../db/runs/run-status.js';
import { claimForRun } from '../db/runs/reservation.queries.js';
import { listEventsAfter } from '../db/history/event.queries.js';
import { markRunStarted } from '../db/runs/run.queries.js';
import type { Run } from '../domain/runs/run.js';
import { toFixtureEntry } from './rig/fixture-entry.js';
import { serveTestApi, type TestApi } from './rig/serve-test-api.js';
import type { EngineRig } from './rig/engine-rig.js';
import { startEngine } from './rig/start-engine.js';
import { wait, waitFor } from './rig/start-lab.js';

const BUDGET_EVENTS = 60;
/** Executions that each waiting run needs at least. */
const EXECUTIONS = 3;
const STROKES = 3;
const STILL_MS = 1_500;

let rig: EngineRig;
let api: TestApi;
/** Runs that asked for their assets, each time they did. */
let asked: string[];
/** Fences that were answered, by run. */
let granted: Map<string, number[]>;

beforeAll(async () => {
  rig = await startEngine({ entry: toFixtureEntry('test/fixtures/engine/continuing.protocol.ts') });
  api = await serveTestApi();
}, 240_000);
afterAll(async () => {
  await api?.stop();
  await rig?.end();
});
beforeEach(() => {
  asked = [];
  granted = new Map();
  rig.onReserve = async (runId) => {
    asked.push(runId);
    const claim = await claimForRun(api.db, runId, Date.now());
    if (!claim.granted) return null;
    granted.set(runId, [...(granted.get(runId) ?? []), claim.fence]);
    return claim.fence;
  };
});

const getHandle = (runId: string) => rig.client.workflow.getHandle(runId);
const listCommandsOf = (runId: string) => rig.asked.commands.filter((command) => command.runId === runId);
const end = (runId: string) => closeRun(api.db, { runId, status: 'completed', result: null, atMs: Date.now() });

/** A run that holds the machine, without a workflow of its own. */
async function startHolder(): Promise<string> {
  const { body: run } = await api.post<Run>('/api/v1/runs', { protocol: 'serial_dilution' });
  expect(run.waitingFor).toBeUndefined();
  return run.id;
}

async function startWaiting(): Promise<string> {
  const { body: run } = await api.post<Run>('/api/v1/runs', { protocol: 'serial_dilution' });
  expect(run.waitingFor).not.toHaveLength(0);
  await markRunStarted(api.db, { runId: run.id, workflowRunId: 'started by hand', atMs: Date.now() });
  await rig.start('beside_command', { count: STROKES, delayMs: 1 }, { runId: run.id, fence: null, historyBudgetEvents: BUDGET_EVENTS });
  return run.id;
}

/** Hints that free nothing, until the run has gone through some histories. */
async function waitLong(runId: string): Promise<void> {
  await waitFor(
    `continuations of ${runId}`,
    async () => {
      for (let k = 0; k < 10; k += 1) await getHandle(runId).signal('px.assetsFreed');
      return (await rig.countExecutions(runId)) >= EXECUTIONS;
    },
    { timeoutMs: 90_000 },
  );
}

async function listTypes(runId: string): Promise<string[]> {
  return (await listEventsAfter(api.db, { runId, after: 0, limit: 99 })).map(({ type }) => type);
}

describe('a run that waits for its machines over several histories', () => {
  test('is granted once, after those that came before it', async () => {
    const holder = await startHolder();
    const first = await startWaiting();
    const second = await startWaiting();
    for (const runId of [second, first]) await waitLong(runId);
    await end(holder);
    // The later one asks first, and has to wait all the same.
    await getHandle(second).signal('px.assetsFreed');
    await waitFor('the later one to ask', () => Promise.resolve(asked.at(-1) === second));
    expect(granted.get(second)).toBeUndefined();
    await getHandle(first).signal('px.assetsFreed');
    await rig.result(first);
    expect(listCommandsOf(second)).toEqual([]);
    await end(first);
    await getHandle(second).signal('px.assetsFreed');
    await rig.result(second);
    await end(second);
    const fences = [first, second].map((runId) => granted.get(runId) ?? []);
    expect(fences.map((list) => list.length)).toEqual([1, 1]);
    expect(fences.flat()).toEqual(fences.flat().sort((a, b) => a - b));
    for (const runId of [first, second]) {
      expect(listCommandsOf(runId)).toHaveLength(STROKES + 1);
      expect(new Set(listCommandsOf(runId).map(({ fence }) => fence))).toEqual(new Set(granted.get(runId)));
      await waitFor('its grant to be told', async () => (await listTypes(runId)).includes('run.granted'));
      expect((await listTypes(runId)).filter((type) => type === 'run.granted')).toHaveLength(1);
      await rig.replay(runId);
    }
  }, 240_000);

  test('gets what is free in the place of what nobody has named: its code, its commands and its end see that item alone', async () => {
    const holder = await startHolder();
    const runId = await startWaiting();
    await waitLong(runId);
    const other = { id: '00000000-0000-7000-8000-000000000009', name: 'second_star', kind: 'machine', type: 'LiquidHandler' } as const;
    rig.onReserve = () => Promise.resolve({ fence: 77, assets: { lh: other } });
    await getHandle(runId).signal('px.assetsFreed');
    await rig.result(runId);
    expect(listCommandsOf(runId).map(({ machine, fence }) => [machine, fence])).toEqual(
      Array.from({ length: STROKES + 1 }, () => ['second_star', 77]),
    );
    await rig.replay(runId);
    for (const id of [holder, runId]) await end(id);
  }, 240_000);

  test('is cancelled meanwhile: it ends, moves nothing and is granted nothing', async () => {
    const holder = await startHolder();
    const runId = await startWaiting();
    await waitLong(runId);
    await getHandle(runId).signal('cancel');
    await expect(rig.result(runId)).rejects.toMatchObject({ cause: { name: 'CancelledFailure' } });
    await end(holder);
    expect(granted.get(runId)).toBeUndefined();
    expect(listCommandsOf(runId)).toEqual([]);
    expect(rig.asked.finished.find((request) => request.runId === runId)).toMatchObject({ status: 'cancelled', fence: null });
    await closeRun(api.db, { runId, status: 'cancelled', atMs: Date.now() });
  }, 240_000);

  test('is paused meanwhile, and still is when its turn has come', async () => {
    const holder = await startHolder();
    const runId = await startWaiting();
    await waitLong(runId);
    await getHandle(runId).signal('pause');
    const before = await rig.countExecutions(runId);
    await waitFor(
      'a continuation while it is paused',
      async () => {
        for (let k = 0; k < 10; k += 1) await getHandle(runId).signal('px.assetsFreed');
        return (await rig.countExecutions(runId)) > before;
      },
      { timeoutMs: 90_000 },
    );
    await end(holder);
    await getHandle(runId).signal('px.assetsFreed');
    await waitFor('the grant', () => Promise.resolve(granted.has(runId)));
    await wait(STILL_MS);
    expect(listCommandsOf(runId)).toEqual([]);
    await getHandle(runId).signal('resume');
    await rig.result(runId);
    expect(listCommandsOf(runId)).toHaveLength(STROKES + 1);
    expect(granted.get(runId)).toHaveLength(1);
    await end(runId);
  }, 240_000);
});
