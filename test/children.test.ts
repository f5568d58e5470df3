// Children outlive continuations of their parent, and every end of one is heard once, however it ends: by itself, alone
// by hand, from outside, with its whole run.

import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { ApplicationFailure } from '@temporalio/activity';
import { endBelow } from '../api/loops/end-below.js';
import { startOutsideTeller } from '../api/loops/outside-teller.js';
import type { PokedLoop } from '../api/live/notified-loop.js';
import { connectTemporal, type TemporalClient } from '../api/temporal/temporal-client.js';
import { listMachines } from '../db/assets/asset.queries.js';
import { listLostScopes } from '../db/runs/lost-run.queries.js';
import { closeRun, getRun, markRunStarted } from '../db/runs/run.queries.js';
import type { Run } from '../domain/runs/run.js';
import { findProjectRoot } from '../platform/paths.js';
import { serveTestApi, type TestApi } from './rig/serve-test-api.js';
import type { EngineRig } from './rig/engine-rig.js';
import { startEngine } from './rig/start-engine.js';
import { wait, waitFor } from './rig/start-lab.js';
import { describeLong } from './rig/test-long.js';

const BUDGET_EVENTS = 150;
const logger = { info: () => undefined, warn: () => undefined, error: () => undefined };

let rig: EngineRig;
let api: TestApi;
let temporal: TemporalClient;
let teller: PokedLoop;

beforeAll(async () => {
  const fixtures = ['engine', 'children'].map((name) => `${findProjectRoot()}/test/fixtures/engine/${name}.protocol.ts`);
  rig = await startEngine({
    entry: (root) => [
      `import { createRunWorkflow } from ${JSON.stringify(`${root}/workflows/index.ts`)};`,
      ...fixtures.map((file, k) => `import * as fixtures${k} from ${JSON.stringify(file)};`),
      'export default createRunWorkflow([fixtures0, fixtures1]);',
    ],
  });
  api = await serveTestApi();
  temporal = connectTemporal(rig.place);
  teller = startOutsideTeller({ db: api.db, temporal, logger, now: Date.now });
}, 240_000);
afterAll(async () => {
  await teller?.close();
  await temporal?.close();
  await api?.stop();
  await rig?.end();
});

const listIds = (runId: string): string[] => rig.asked.commands.filter((command) => command.runId === runId).map(({ id }) => id);
const countOpen = async (runId: string): Promise<number> => (await temporal.listOpenBelow(runId)).length;
const waitForExecutions = (workflowId: string, count: number): Promise<unknown> =>
  waitFor(`${count} executions of ${workflowId}`, async () => (await rig.countExecutions(workflowId)) >= count, { timeoutMs: 60_000 });

/** Phases that were told of a call, one for each time. */
const listPhases = (runId: string, path: string): string[] =>
  [...rig.asked.entries]
    .filter(
      ([key, entry]) =>
        key.startsWith(runId) && entry.path === path && ['started', 'completed', 'failed', 'cancelled'].includes(entry.phase),
    )
    .map(([, { phase }]) => phase);

describe('children that end while their parent continues as new again and again', () => {
  const proveHeard = async (childCount: number): Promise<void> => {
    const runId = await rig.start(
      'many_children',
      { count: childCount, spanMs: 8_000, strokes: 400 },
      { historyBudgetEvents: BUDGET_EVENTS },
    );
    const result = (await rig.result(runId)) as { ends: number[]; state: object };
    expect(result.ends).toEqual(Array.from({ length: childCount }, (_, k) => (k % 10 === 7 ? -k : k)));
    expect(result.state).toEqual({ ended: childCount });
    expect(await rig.countExecutions(runId)).toBeGreaterThan(5);
    expect(new Set(listIds(runId)).size).toBe(400);
    expect(listIds(runId)).toHaveLength(400);
    for (let k = 1; k <= childCount; k++) {
      const phases = [...rig.asked.entries]
        .filter(
          ([key, entry]) =>
            key.startsWith(runId) && entry.path.endsWith(`/late.1`) && entry.path.includes(`(1.${k + 1})`) && entry.phase !== 'state',
        )
        .map(([, { phase }]) => phase);
      expect(phases).toEqual(['started', (k - 1) % 10 === 7 ? 'failed' : 'completed']);
    }
  };

  test.each([40])('are all heard once, %i of them, with what they changed', proveHeard, 240_000);
  describeLong(() => {
    test.each([200])('are all heard once, %i of them, with what they changed', proveHeard, 240_000);
  });
});

describe('a child that ends in a later execution of its parent than the one that started it', () => {
  const start = async (parameters: object): Promise<{ runId: string; childId: string }> => {
    const runId = await rig.start('watcher', { levels: 0, ...parameters }, { historyBudgetEvents: BUDGET_EVENTS });
    return { runId, childId: `${runId}/watcher(1.1)/mover.1` };
  };

  test('fails', async () => {
    const { runId } = await start({ failAfterMs: 4_000 });
    expect(await rig.result(runId)).toEqual({ ended: 'TIP_MISSING', state: { ended: 1 } });
    expect(await rig.countExecutions(runId)).toBeGreaterThan(1);
    expect(listPhases(runId, 'watcher(1.1)/late.1')).toEqual(['started', 'failed']);
  }, 120_000);

  test('is cancelled alone, after both continued as new', async () => {
    const { runId, childId } = await start({});
    await waitForExecutions(runId, 3);
    await waitForExecutions(childId, 2);
    await rig.client.workflow.getHandle(childId).cancel();
    expect(await rig.result(runId)).toMatchObject({ ended: 'RUN_CANCELLED' });
    expect(await rig.endOf(childId)).toBe('CANCELLED');
  }, 120_000);

  test('is cancelled with its run; both clean up before they end', async () => {
    const { runId, childId } = await start({});
    await waitForExecutions(runId, 3);
    await rig.client.workflow.getHandle(runId).signal('cancel');
    await expect(rig.result(runId)).rejects.toMatchObject({ cause: { name: 'CancelledFailure' } });
    expect(await rig.endOf(childId)).toBe('CANCELLED');
    expect(rig.asked.commands.filter((command) => command.runId === runId).at(-1)).toMatchObject({
      method: 'discard_tips',
      callPath: 'watcher(1.1)/mover.1',
    });
  }, 120_000);

  test('is paused and resumed with its run', async () => {
    const { runId } = await start({});
    await waitForExecutions(runId, 3);
    await rig.client.workflow.getHandle(runId).signal('pause');
    const count = (): number => listIds(runId).length;
    await waitFor('the run to stand still', async () => {
      const before = count();
      await wait(800);
      return count() === before;
    });
    const still = count();
    await rig.client.workflow.getHandle(runId).signal('resume');
    await waitFor('the child to move again', () =>
      Promise.resolve(
        listIds(runId)
          .slice(still)
          .some((id) => id.includes('mover')),
      ),
    );
    await rig.client.workflow.getHandle(runId).signal('cancel');
    await expect(rig.result(runId)).rejects.toMatchObject({ cause: { name: 'CancelledFailure' } });
  }, 120_000);

  test('is terminated: all below it is gone before its parent goes on', async () => {
    const { runId, childId } = await start({ levels: 2 });
    await waitForExecutions(runId, 3);
    await waitFor('the tree', async () => (await countOpen(runId)) === 7);
    await rig.client.workflow.getHandle(childId).terminate('from outside');
    expect(await rig.result(runId)).toMatchObject({ ended: 'RUN_TERMINATED' });
    expect(await countOpen(runId)).toBe(0);
    const own = rig.asked.commands.filter((command) => command.runId === runId && command.method === 'discard_tips');
    expect(own.map(({ callPath }) => callPath)).toEqual(['watcher']);
  }, 120_000);
});

test('a cancel goes down many levels with one word to each', async () => {
  const runId = await rig.start('deep_wait', { depth: 100 });
  const list = () => temporal.listOpenBelow(runId);
  await waitFor('twelve levels below the run', async () => (await list()).length >= 12);
  await rig.client.workflow.getHandle(runId).signal('cancel');
  const below = (await list()).map(({ workflowId }) => workflowId);
  for (const id of [runId, ...below]) expect(await rig.endOf(id)).toBe('CANCELLED');
  const counts = await Promise.all(
    below.map(
      async (id) =>
        ((await rig.client.workflow.getHandle(id).fetchHistory()).events ?? []).filter(
          (event) => event.workflowExecutionSignaledEventAttributes?.signalName === 'px.control',
        ).length,
    ),
  );
  // When it had been started, when the run was cancelled, and when the call above ends it: a few words, however deep it lies.
  expect(Math.max(...counts)).toBeLessThanOrEqual(5);
}, 120_000);

describe('a child that is terminated', () => {
  test('in doubt holds its run no longer', async () => {
    rig.onCommand = (request) => {
      if (request.callPath.includes('doubtful')) throw ApplicationFailure.nonRetryable('nobody knows', 'UNCERTAIN');
      return Promise.resolve(null);
    };
    const runId = await rig.start('above_doubt', {});
    await waitFor('the hold', () => Promise.resolve(rig.asked.controls.at(-1)?.pauseReasons.includes('uncertain')));
    await rig.client.workflow.getHandle(`${runId}/above_doubt/doubtful.1`).terminate('from outside');
    expect(await rig.result(runId)).toBe('RUN_TERMINATED');
    expect(rig.asked.controls.at(-1)).toMatchObject({ pauseReasons: [] });
    rig.onCommand = () => Promise.resolve(null);
  }, 120_000);
});

describe('an end that its parent cannot be told of', () => {
  const doubt = async (): Promise<{ runId: string; end: () => Promise<unknown> }> => {
    const runId = await rig.start('above_doubt', {});
    await waitFor('the item', () => Promise.resolve(rig.asked.items.some((item) => item.runId === runId)));
    return { runId, end: () => rig.client.workflow.getHandle(`${runId}/above_doubt/doubtful.1`).terminate('from outside') };
  };

  test('is tried again by itself: what ends later is looked for and told of meanwhile', async () => {
    rig.onCommand = (request) => {
      if (request.callPath.includes('doubtful')) throw ApplicationFailure.nonRetryable('nobody knows', 'UNCERTAIN');
      return Promise.resolve(null);
    };
    await teller.close();
    const first = await doubt();
    let [sinceMs, refusedAtMs, isRefused] = [0, 0, true];
    teller = startOutsideTeller({
      db: api.db,
      temporal: {
        ...temporal,
        listWordlessEnds: (ms) => temporal.listWordlessEnds((sinceMs = ms)),
        tellLostChild: (parent, lost) => {
          if (parent !== first.runId || !isRefused) return temporal.tellLostChild(parent, lost);
          refusedAtMs = refusedAtMs || Date.now();
          return Promise.reject(new Error('refused'));
        },
      },
      logger,
      now: Date.now,
    });
    await first.end();
    // The window begins 30 s before a look; the first look goes a day back.
    await waitFor('a window that goes on', () => Promise.resolve(refusedAtMs > 0 && sinceMs > refusedAtMs - 30_000), { timeoutMs: 60_000 });
    const second = await doubt();
    await second.end();
    expect(await rig.result(second.runId)).toBe('RUN_TERMINATED');
    isRefused = false;
    expect(await rig.result(first.runId)).toBe('RUN_TERMINATED');
    rig.onCommand = () => Promise.resolve(null);
  }, 120_000);
});

describe('what comes before a continuation', () => {
  test.each([100_000, 120])(
    'the changes of a failed child count after it, with a budget of %i events',
    async (historyBudgetEvents) => {
      const runId = await rig.start('caught', { strokes: 60 }, { historyBudgetEvents });
      expect(await rig.result(runId)).toEqual({ ended: 1, caught: 1 });
      if (historyBudgetEvents < 1_000) expect(await rig.countExecutions(runId)).toBeGreaterThan(1);
    },
    120_000,
  );

  test.each([100_000, 120])(
    'what was measured is kept under the command that measured it, with a budget of %i events',
    async (historyBudgetEvents) => {
      rig.onCommand = (request) => {
        if (request.callPath === 'saved_after_retry' && request.n === 1 && request.retry === 0)
          throw ApplicationFailure.nonRetryable('nobody knows', 'UNCERTAIN');
        return Promise.resolve(request.method.startsWith('read') ? [{ data: [[1, 2, 3]] }] : null);
      };
      const runId = await rig.start('saved_after_retry', { strokes: 60 }, { historyBudgetEvents });
      await waitFor('the item', () => Promise.resolve(rig.asked.items.some((item) => item.runId === runId)));
      const itemId = `${runId}/saved_after_retry/1/0`;
      await rig.client.workflow
        .getHandle(runId)
        .executeUpdate('answer', { args: [{ itemId, answer: { happened: 'not-done', then: 'retry' }, by: 'ada', note: '', atMs: 1 }] });
      await rig.result(runId);
      const saved = [...rig.asked.entries].find(([key, { phase }]) => key.startsWith(runId) && phase === 'data')?.[1].data;
      expect(saved).toMatchObject({ name: 'od', commandId: `${runId}/saved_after_retry/1/1` });
      rig.onCommand = () => Promise.resolve(null);
    },
    120_000,
  );
});

describe('a run that is terminated after three continuations', () => {
  test('takes all its children along, those that are just being started too; none cleans up', async () => {
    const runId = await rig.start('watcher', { levels: 2 }, { historyBudgetEvents: BUDGET_EVENTS });
    await waitForExecutions(runId, 4);
    await waitFor('a part of the tree', async () => (await countOpen(runId)) >= 5);
    await rig.client.workflow.getHandle(runId).terminate('from outside');
    const ended = await endBelow(temporal, runId, [runId]);
    expect(ended.length).toBeGreaterThanOrEqual(5);
    await wait(500);
    const still = listIds(runId).length;
    await wait(3_000);
    expect(await countOpen(runId)).toBe(0);
    expect(listIds(runId)).toHaveLength(still);
    expect(rig.asked.commands.filter((command) => command.runId === runId && command.method === 'discard_tips')).toEqual([]);
  }, 120_000);

  test('is found from outside: its calls are gone before its row is closed, and its machines are quarantined', async () => {
    const { body: run } = await api.post<Run>('/api/v1/runs', { protocol: 'serial_dilution' });
    await markRunStarted(api.db, { runId: run.id, workflowRunId: 'started by hand', atMs: Date.now() });
    await rig.start('watcher', { levels: 1 }, { runId: run.id, historyBudgetEvents: BUDGET_EVENTS });
    await waitForExecutions(run.id, 4);
    await waitFor('the tree', async () => (await countOpen(run.id)) === 3);
    await rig.client.workflow.getHandle(run.id).terminate('from outside');
    const ended = await waitFor('the row to be closed', async () => {
      const row = await getRun(api.db, run.id);
      return row?.endedAt === null ? undefined : row;
    });
    expect(await countOpen(run.id)).toBe(0);
    expect(ended).toMatchObject({ status: 'failed', error: { code: 'RUN_TERMINATED' } });
    expect((await listMachines(api.db)).filter(({ status }) => status === 'quarantined').length).toBeGreaterThan(0);
    expect(rig.asked.commands.filter((command) => command.runId === run.id && command.method === 'discard_tips')).toEqual([]);
  }, 120_000);
});

describe('a child of a run that goes on', () => {
  /** A run with a row; a child, with two below it. */
  const startTree = async ({ levels = 1, historyBudgetEvents = 10_000 } = {}): Promise<{ runId: string; childId: string }> => {
    const { body: run } = await api.post<Run>('/api/v1/runs', { protocol: 'serial_dilution' });
    await markRunStarted(api.db, { runId: run.id, workflowRunId: 'started by hand', atMs: Date.now() });
    await rig.start('watcher', { levels }, { runId: run.id, historyBudgetEvents });
    await waitFor('the tree', async () => (await countOpen(run.id)) === 1 + 2 * levels);
    return { runId: run.id, childId: `${run.id}/watcher(1.1)/mover.1` };
  };
  const terminate = (workflowId: string): Promise<unknown> => rig.client.workflow.getHandle(workflowId).terminate('from outside');
  const listScopesOf = async (runId: string): Promise<string[]> =>
    (await listLostScopes(api.db, 'star')).filter((scope) => scope.startsWith(runId));
  /** Whatever has ended before is listed, and was dealt with, once these two have been one after the other. */
  const seeTwoRounds = async (): Promise<void> => {
    for (let round = 0; round < 2; round++) {
      const runId = await rig.start('watcher', { levels: 0 });
      await waitFor('the child', async () => (await countOpen(runId)) === 1);
      await terminate(`${runId}/watcher(1.1)/mover.1`);
      await rig.result(runId);
    }
  };

  test('is kept as ended when it is terminated, before its parent hears of it; what was ended below it is told of with it', async () => {
    const { runId, childId } = await startTree();
    await terminate(childId);
    expect(await rig.result(runId)).toMatchObject({ ended: 'RUN_TERMINATED' });
    expect(await listScopesOf(runId)).toEqual([childId]);
    await seeTwoRounds();
    expect(await listScopesOf(runId)).toEqual([childId]);
    expect((await getRun(api.db, runId))?.endedAt).toBeNull();
  }, 120_000);

  test('is told of by nobody when the row of its run is closed: that has left nothing behind', async () => {
    const { runId, childId } = await startTree();
    await closeRun(api.db, { runId, status: 'completed', atMs: Date.now() });
    await terminate(childId);
    await seeTwoRounds();
    expect(await listScopesOf(runId)).toEqual([]);
    await endBelow(temporal, runId, [runId]);
  }, 120_000);

  test('has not ended while another execution goes on under its id', async () => {
    // Who has started it is closed by then: Temporal itself tells nobody.
    const { runId, childId } = await startTree({ levels: 0, historyBudgetEvents: BUDGET_EVENTS });
    await waitForExecutions(runId, 2);
    const workflowExecution = { workflowId: childId, runId: (await rig.client.workflow.getHandle(childId).describe()).runId };
    const { events } = await rig.client.workflow.getHandle(childId, workflowExecution.runId).fetchHistory();
    const first = events?.find(({ workflowTaskCompletedEventAttributes }) => workflowTaskCompletedEventAttributes)?.eventId;
    await rig.client.workflowService.resetWorkflowExecution({
      namespace: rig.place.namespace,
      workflowExecution,
      workflowTaskFinishEventId: first ?? null,
      requestId: randomUUID(),
      reason: 'from outside',
    });
    await seeTwoRounds();
    expect(await listScopesOf(runId)).toEqual([]);
    await terminate(runId);
    await endBelow(temporal, runId, [runId]);
  }, 120_000);
});
