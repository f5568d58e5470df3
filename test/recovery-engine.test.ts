// A machine error in the engine alone: who is asked stays asked when the workflow continues as new, and retries of a
// policy end.

import { ApplicationFailure } from '@temporalio/activity';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { EngineRig } from './rig/engine-rig.js';
import { startEngine } from './rig/start-engine.js';
import { waitFor } from './rig/start-lab.js';

/** A run whose history is full begins nothing more; this long without a command means that it is. */
const STILL_MS = 1_000;

let rig: EngineRig;

beforeAll(async () => {
  rig = await startEngine();
}, 240_000);
afterAll(() => rig?.end());

const listIds = (runId: string): string[] =>
  rig.asked.commands.filter((command) => command.runId === runId).map(({ id }) => id.slice(runId.length + 1));

test('the question comes through several executions, is asked once, and a refused statement leaves it open', async () => {
  rig.onCommand = async ({ runId, method, retry }) => {
    if (method !== 'discard_tips' || retry > 0) return null;
    await waitUntilStill(runId);
    throw ApplicationFailure.nonRetryable('No tip on channel 0.', 'TIP_MISSING', { sends: 0, channels: { 0: { done: false } } });
  };
  const runId = await rig.start('asked_strokes', { count: 40 }, { historyBudgetEvents: 60 });
  const item = await waitFor('the item', () => Promise.resolve(rig.asked.items.find((each) => each.runId === runId)));
  expect(item).toMatchObject({
    itemId: `${runId}/asked_strokes(1.2)/1/0/error`,
    subject: {
      kind: 'machine-error',
      code: 'TIP_MISSING',
      known: 'No tip on channel 0.',
      channels: { 0: { done: false } },
      mayRetry: true,
    },
  });
  await waitFor('the next execution', async () => (await rig.countExecutions(runId)) > 1);
  await rig.replaceWorkers('workflows');
  await waitFor('the hold', () => Promise.resolve(rig.asked.controls.at(-1)?.pauseReasons.join() === 'policy'));
  const give = (answer: unknown, note: string) =>
    rig.client.workflow.getHandle(runId).executeUpdate('answer', { args: [{ itemId: item.itemId, answer, by: 'ada', note, atMs: 1 }] });
  await expect(give({ then: 'go' }, '')).rejects.toMatchObject({ cause: { type: 'ANSWER_TYPE' } });
  await expect(give({ then: 'retry' }, 'contradiction')).rejects.toMatchObject({ cause: { type: 'BAD_STATEMENT' } });
  await give({ then: 'retry' }, 'put one there');
  expect(await rig.result(runId)).toMatchObject({ count: 40, block: 2 });
  const ids = listIds(runId);
  expect(new Set(ids).size).toBe(ids.length);
  expect(ids.filter((id) => id.startsWith('asked_strokes(1.2)'))).toEqual(['asked_strokes(1.2)/1/0', 'asked_strokes(1.2)/1/1']);
  expect(rig.asked.items.filter((each) => each.runId === runId)).toHaveLength(1);
  expect(rig.asked.controls.at(-1)?.pauseReasons).toEqual([]);
}, 120_000);

test('a doubt comes through several executions too', async () => {
  rig.onCommand = async ({ runId, method, retry }) => {
    if (method !== 'discard_tips' || retry > 0) return null;
    await waitUntilStill(runId);
    throw ApplicationFailure.nonRetryable('SENT is there and no END.', 'UNCERTAIN');
  };
  const runId = await rig.start('asked_strokes', { count: 40 }, { historyBudgetEvents: 60 });
  const { itemId } = await waitFor('the item', () => Promise.resolve(rig.asked.items.find((each) => each.runId === runId)));
  await waitFor('the next execution', async () => (await rig.countExecutions(runId)) > 1);
  await rig.client.workflow
    .getHandle(runId)
    .executeUpdate('answer', { args: [{ itemId, answer: { happened: 'not-done', then: 'retry' }, by: 'ada', note: '', atMs: 1 }] });
  expect(await rig.result(runId)).toMatchObject({ count: 40 });
}, 120_000);

test('what never left is sent again as often as the policy says; what may have moved is asked about at once', async () => {
  rig.onCommand = ({ method, retry }) => {
    if (method !== 'discard_tips' || retry > 2) return Promise.resolve(null);
    throw ApplicationFailure.nonRetryable('The axis is stuck.', 'MACHINE_ERROR', { sends: retry === 2 ? 1 : 0 });
  };
  const runId = await rig.start('asked_strokes', { count: 1 });
  const item = await waitFor('the item', () => Promise.resolve(rig.asked.items.find((each) => each.runId === runId)));
  expect(item.itemId).toBe(`${runId}/asked_strokes(1.2)/1/2/error`);
  await rig.client.workflow
    .getHandle(runId)
    .executeUpdate('answer', { args: [{ itemId: item.itemId, answer: { then: 'abort' }, by: 'ada', note: '', atMs: 1 }] });
  await expect(rig.result(runId)).rejects.toMatchObject({
    cause: { type: 'MACHINE_ERROR', message: 'The axis is stuck. ada aborted it.' },
  });
}, 120_000);

async function waitUntilStill(runId: string): Promise<void> {
  let before = -1;
  while (before !== listIds(runId).length) {
    before = listIds(runId).length;
    await new Promise((resolve) => setTimeout(resolve, STILL_MS));
  }
}

test('a doubt in the cleanup of a cancelled run is answered like any other', async () => {
  rig.onCommand = ({ method, retry }) => {
    if (method === 'return_tips' && retry === 0) throw ApplicationFailure.nonRetryable('SENT is there and no END.', 'UNCERTAIN');
    return Promise.resolve(null);
  };
  const runId = await rig.start('parent_of_child', { count: 50, delayMs: 200 });
  await waitFor('the child to be at work', () => Promise.resolve(rig.asked.commands.some((each) => each.runId === runId)));
  await rig.client.workflow.getHandle(runId).signal('cancel');
  const item = await waitFor('the item', () => Promise.resolve(rig.asked.items.find((each) => each.runId === runId)));
  const answer = { happened: 'done', then: 'skip' };
  await rig.client.workflow
    .getHandle(runId)
    .executeUpdate('answer', { args: [{ itemId: item.itemId, answer, by: 'ada', note: 'tips are back', atMs: 1 }] });
  await expect(rig.result(runId)).rejects.toMatchObject({ cause: { name: 'CancelledFailure' } });
}, 60_000);

test('a hold of which the run never hears is put before a person and not asked about for ever: whoever would have ended it was given up', async () => {
  let isReleased = false;
  rig.onCommand = ({ method }) => {
    if (method !== 'discard_tips' || isReleased) return Promise.resolve(null);
    throw ApplicationFailure.nonRetryable('star is held: nobody knows whether a command moved.', 'RUN_HELD');
  };
  const runId = await rig.start('asked_strokes', { count: 1 });
  const { itemId, subject } = await waitFor('the item', () => Promise.resolve(rig.asked.items.find((each) => each.runId === runId)));
  expect(subject).toMatchObject({ kind: 'held-machine', machine: 'star', known: 'star is held: nobody knows whether a command moved.' });
  await waitFor('the hold', () => Promise.resolve(rig.asked.controls.at(-1)?.pauseReasons.join() === 'asset'));
  const tries = listIds(runId).length;
  await new Promise((resolve) => setTimeout(resolve, 2 * STILL_MS));
  expect(listIds(runId)).toHaveLength(tries);
  isReleased = true;
  await rig.client.workflow.getHandle(runId).executeUpdate('answer', { args: [{ itemId, answer: true, by: 'ada', note: '', atMs: 1 }] });
  expect(await rig.result(runId)).toMatchObject({ count: 1, block: 2 });
}, 120_000);
