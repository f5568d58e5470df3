// A run that took another way leaves nothing that moves: its open calls are held while a person reads about it, and have ended
// before it ends.

import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import type { FinishRequest, OpenItemRequest } from '../activities/activity-types.js';
import { toFixtureEntry } from './rig/fixture-entry.js';
import type { EngineRig } from './rig/engine-rig.js';
import { startEngine } from './rig/start-engine.js';
import { wait, waitFor } from './rig/start-lab.js';

const TEST_LIMIT_MS = 120_000;
const BUDGET_EVENTS = 150;
/** So many strokes of a call below would fit in. */
const STILL_MS = 1_500;

let rig: EngineRig;

beforeAll(async () => {
  rig = await startEngine({ entry: toFixtureEntry('test/fixtures/engine/children.protocol.ts', 'test/fixtures/engine/lost.protocol.ts') });
}, 240_000);
afterAll(() => rig?.end());
afterEach(() => {
  rig.onCommand = () => Promise.resolve(null);
  rig.onFinish = () => Promise.resolve();
});

const getHandle = (workflowId: string) => rig.client.workflow.getHandle(workflowId);
const listOf = (runId: string) => rig.asked.commands.filter((each) => each.runId === runId);
const readState = async (workflowId: string): Promise<string> => (await getHandle(workflowId).describe()).status.name;

async function waitForItem(runId: string): Promise<OpenItemRequest> {
  return waitFor('the item', () => Promise.resolve(rig.asked.items.find((item) => item.runId === runId)), { timeoutMs: 60_000 });
}

async function abort({ itemId, workflowId }: OpenItemRequest): Promise<void> {
  await getHandle(workflowId).executeUpdate('answer', { args: [{ itemId, answer: 'abort', by: 'test', note: '', atMs: 0 }] });
}

async function expectHeld(runId: string): Promise<void> {
  await waitFor('the hold', () => Promise.resolve(rig.asked.controls.at(-1)?.pauseReasons.includes('policy')));
  await waitFor('the calls to stand still', async () => {
    const before = listOf(runId).length;
    await wait(STILL_MS);
    return listOf(runId).length === before;
  });
}

async function findEnd(runId: string): Promise<FinishRequest> {
  return waitFor('the run to be finished', () => Promise.resolve(rig.asked.finished.find((each) => each.runId === runId)));
}

async function expectNothingLeft(runId: string, ids: readonly string[]): Promise<void> {
  // Who has told its end only closes any more.
  for (const id of ids) await waitFor(`${id} to close`, async () => (await readState(id)) === 'CANCELLED');
  const ended = listOf(runId).length;
  await wait(STILL_MS);
  expect(listOf(runId)).toHaveLength(ended);
}

test.each(['abort', 'cancel'])(
  'its calls stand still until somebody has read of it, and clean up and end before it does: %s',
  async (how) => {
    const runId = await rig.start('stray_parent', {}, { historyBudgetEvents: BUDGET_EVENTS });
    const child = `${runId}/stray_parent(1.1)/mover.1`;
    const below = [1, 2].map((k) => `${child}(1.${k + 1})/mover.1`);
    const item = await waitForItem(runId);
    await expectHeld(runId);
    expect(await Promise.all([child, ...below].map(readState))).toEqual(['RUNNING', 'RUNNING', 'RUNNING']);
    if (how === 'abort') await abort(item);
    else await getHandle(runId).signal('cancel');
    await expect(rig.result(runId)).rejects.toMatchObject({
      cause: how === 'cancel' ? { name: 'CancelledFailure' } : { type: 'LEDGER_MISMATCH' },
    });
    expect(await findEnd(runId)).toMatchObject({
      status: how === 'cancel' ? 'cancelled' : 'failed',
      quarantineMachines: ['star', 'reader', 'other'],
      error: { message: expect.stringContaining('Its cleanups did not run') as unknown },
    });
    expect(listOf(runId).filter(({ method }) => method === 'discard_tips')).toHaveLength(3);
    expect(listOf(runId).filter(({ method }) => method === 'drop_tips')).toEqual([]);
    await expectNothingLeft(runId, [child, ...below]);
    const told = [...rig.asked.entries].filter(
      ([key, { path, phase }]) => key.startsWith(runId) && phase === 'cancelled' && path.includes('mover.1(1.'),
    );
    expect(told.map(([, { path }]) => path).sort()).toEqual(below.map((id) => id.slice(runId.length + 1)));
    await rig.replay(runId);
  },
  TEST_LIMIT_MS,
);

test.each(['abort', 'cancel'])(
  'what an earlier execution has left moving is stopped before it ends: %s',
  async (how) => {
    let open = (): void => undefined;
    const opened = new Promise<void>((resolve) => {
      open = resolve;
    });
    rig.onCommand = async ({ method }) => {
      if (method === 'drop_tips') await opened;
      return null;
    };
    const runId = await rig.start('moving_lost', { how: 'stray' }, { historyBudgetEvents: BUDGET_EVENTS });
    const moving = `${runId}/moving_lost(1.1)/1/0`;
    const stoppedAtEnd: string[] = [];
    rig.onFinish = () => Promise.resolve(void stoppedAtEnd.push(...rig.asked.stopped));
    const item = await waitForItem(runId);
    expect(listOf(runId).map(({ id }) => id)).toContain(moving);
    expect(rig.asked.stopped).not.toContain(moving);
    if (how === 'abort') await abort(item);
    else await getHandle(runId).signal('cancel');
    expect(await findEnd(runId)).toMatchObject({ quarantineMachines: ['star', 'reader', 'other'] });
    expect(stoppedAtEnd).toContain(moving);
    open();
    await rig.replay(runId);
  },
  TEST_LIMIT_MS,
);

test(
  'a call of it that is ended from outside meanwhile is not waited for',
  async () => {
    const runId = await rig.start('stray_parent', { levels: 0 }, { historyBudgetEvents: BUDGET_EVENTS });
    const child = `${runId}/stray_parent(1.1)/mover.1`;
    const item = await waitForItem(runId);
    await expectHeld(runId);
    await getHandle(child).terminate('from outside');
    await abort(item);
    await expect(rig.result(runId)).rejects.toMatchObject({ cause: { type: 'LEDGER_MISMATCH' } });
    expect(await findEnd(runId)).toMatchObject({ status: 'failed' });
  },
  TEST_LIMIT_MS,
);

test(
  'of a call that took another way the calls end too, and its caller goes on',
  async () => {
    const runId = await rig.start('above_stray', {}, { historyBudgetEvents: BUDGET_EVENTS });
    const stray = `${runId}/above_stray/stray_parent.1`;
    const item = await waitForItem(runId);
    expect(item.workflowId).toBe(stray);
    await expectHeld(runId);
    await abort(item);
    expect(await rig.result(runId)).toBe('LEDGER_MISMATCH');
    expect(await findEnd(runId)).toMatchObject({ status: 'completed', quarantineMachines: ['star', 'reader', 'other'] });
    expect(rig.asked.controls.at(-1)).toMatchObject({ pauseReasons: [] });
    expect(listOf(runId).at(-1)).toMatchObject({ method: 'pick_up_tips', callPath: 'above_stray' });
    await waitFor('it to close', async () => (await readState(stray)) === 'FAILED');
    await expectNothingLeft(runId, [`${stray}(1.1)/mover.1`]);
  },
  TEST_LIMIT_MS,
);
