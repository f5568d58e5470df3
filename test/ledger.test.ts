// Runs of any length: a workflow that continues as new again and again comes to the same end as one that never does.

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { EngineRig } from './rig/engine-rig.js';
import { startEngine } from './rig/start-engine.js';
import { waitFor } from './rig/start-lab.js';

let rig: EngineRig;

beforeAll(async () => {
  rig = await startEngine();
}, 240_000);
afterAll(() => rig?.end());

const listIds = (runId: string): string[] => rig.asked.commands.filter((command) => command.runId === runId).map(({ id }) => id);

describe('a plain loop', () => {
  test('of 60 commands and delays comes through several executions with every command once', async () => {
    const short = await rig.start('plain_loop', { count: 60 }, { historyBudgetEvents: 150 });
    expect((await rig.result(short)) as { last: number }).toMatchObject({ last: 59 });
    expect(await rig.countExecutions(short)).toBeGreaterThan(3);
    expect(listIds(short)).toEqual(Array.from({ length: 60 }, (_, k) => `${short}/plain_loop/${k + 1}/0`));
  });

  test('fails where it fails, and its cleanup sees the values of the end', async () => {
    const runId = await rig.start('plain_loop', { count: 60, failAt: 40 }, { historyBudgetEvents: 150 });
    await expect(rig.result(runId)).rejects.toMatchObject({ cause: { message: 'stopped at 40', type: 'TIP_MISSING' } });
    const last = rig.asked.commands.filter((command) => command.runId === runId).at(-1);
    expect(last).toMatchObject({
      method: 'discard_tips',
      isShielded: true,
      arguments: { use_channels: [40, expect.any(Number) as unknown] },
    });
    expect(rig.asked.finished.find((each) => each.runId === runId)).toMatchObject({
      status: 'failed',
      error: { code: 'TIP_MISSING', callPath: 'plain_loop' },
    });
  });

  test('goes on when its workers are replaced again and again', async () => {
    const runId = await rig.start('plain_loop', { count: 80 }, { historyBudgetEvents: 200 });
    for (const at of [15, 40]) {
      await waitFor(`command ${at}`, () => Promise.resolve(listIds(runId).length >= at));
      await rig.replaceWorkers('workflows');
    }
    expect(await rig.result(runId)).toMatchObject({ last: 79 });
    expect(new Set(listIds(runId)).size).toBe(80);
  });
});

describe('a full ledger', () => {
  test('refuses the next operation before it begins; the run fails after its cleanups', async () => {
    // Results of almost a kilobyte are carried as they are; two hundred of them are all that this run can carry.
    rig.onCommand = () => Promise.resolve('x'.repeat(1_000));
    const runId = await rig.start('plain_loop', { count: 400 }, { ledgerLimitBytes: 200 * 1024 });
    await expect(rig.result(runId)).rejects.toMatchObject({
      cause: { type: 'LEDGER_FULL', message: expect.stringContaining('KiB') as unknown },
    });
    rig.onCommand = () => Promise.resolve(null);
    const commands = rig.asked.commands.filter((command) => command.runId === runId);
    expect(commands.length).toBeGreaterThan(150);
    expect(commands.length).toBeLessThan(250);
    expect(commands.at(-1)).toMatchObject({ method: 'discard_tips', isShielded: true });
    expect(rig.asked.finished.find((each) => each.runId === runId)).toMatchObject({
      status: 'failed',
      error: { code: 'LEDGER_FULL', remedy: expect.stringContaining('run.data.save') as unknown },
    });
  });
});

describe('everything at once', () => {
  test.each([120, 250, 100_000])('with a budget of %i events', async (historyBudgetEvents) => {
    const rounds = 5;
    const runId = await rig.start('everything', { rounds }, { historyBudgetEvents });
    const result = (await rig.result(runId)) as { order: string[]; results: number[]; total: number; state: object };
    expect(await rig.countExecutions(runId)).toBeGreaterThan(historyBudgetEvents > 10_000 ? 0 : 1);
    expect(result.order.filter((name) => name === 'TIP_MISSING')).toHaveLength(6);
    expect(result.order.filter((name) => ['a', 'b', 'c'].includes(name))).toHaveLength(15);
    expect(result.results[3]).toBe(10);
    expect(result.total).toBe(105);
    expect(result.state).toEqual({ strokes: 3 * (5 * 3) + 15, childStrokes: 10, highest: 14 });
    const ids = listIds(runId);
    expect(new Set(ids).size).toBe(ids.length);
    expectWholeLog(runId);
  });
});

/** Every call was told once when it started and once when it ended. */
function expectWholeLog(runId: string): void {
  const entries = [...rig.asked.entries]
    .filter(([key]) => key.startsWith(`${runId} `) || key.startsWith(`${runId}/`))
    .map(([, entry]) => entry);
  const started = entries.filter(({ phase }) => phase === 'started').map(({ path }) => path);
  const ended = entries.filter(({ phase }) => ['completed', 'failed', 'cancelled'].includes(phase)).map(({ path }) => path);
  expect(new Set(started).size).toBe(started.length);
  expect([...ended].sort()).toEqual([...started].sort());
}

describe('clock and chance', () => {
  test('are the same on every way to the same place, also those of the language', async () => {
    const runId = await rig.start('clock_and_chance', {}, { historyBudgetEvents: 90 });
    const { acc } = (await rig.result(runId)) as { acc: number };
    expect(acc).toBeGreaterThan(30);
    expect(await rig.countExecutions(runId)).toBeGreaterThan(3);
    const ids = listIds(runId);
    expect(new Set(ids).size).toBe(ids.length);
  });
});

describe('very many small calls', () => {
  test('10,000 calls without commands cost no events and are all in the log', async () => {
    const runId = await rig.start('many_inline', { count: 10_000 });
    expect(await rig.result(runId)).toBe(Array.from({ length: 10_000 }, (_, k) => (k % 3) * 2).reduce((sum, each) => sum + each, 0));
    expect(await rig.countExecutions(runId)).toBe(1);
    expectWholeLog(runId);
  });
});

describe('questions', () => {
  test('wait over several executions, are asked once, and take the first answer that fits', async () => {
    const runId = await rig.start('asked', { count: 30 }, { historyBudgetEvents: 100 });
    await waitFor('the strokes', () => Promise.resolve(listIds(runId).length === 30));
    const handle = rig.client.workflow.getHandle(runId);
    const itemId = `${runId}/asked(1.1)/q1`;
    const give = (answer: unknown, to = itemId, by = 'ada') =>
      handle.executeUpdate('answer', { args: [{ itemId: to, answer, by, note: '', atMs: 1 }] });
    await expect(give('yes')).rejects.toMatchObject({ cause: { type: 'ANSWER_TYPE' } });
    await expect(give(true, `${runId}/asked/q9`)).rejects.toMatchObject({ cause: { type: 'ITEM_NOT_FOUND' } });
    await rig.replaceWorkers('workflows');
    await give(true);
    await expect(give(false, itemId, 'bob')).rejects.toMatchObject({
      cause: { type: 'ITEM_ANSWERED', details: [expect.objectContaining({ by: 'ada', answer: true })] },
    });
    await waitFor('the second question', () => Promise.resolve(rig.asked.items.some((item) => item.itemId === `${runId}/asked/q1`)));
    await give(7, `${runId}/asked/q1`);
    expect(await rig.result(runId)).toEqual({ answer: true, strokesDone: 30, amount: 7 });
    expect(await rig.countExecutions(runId)).toBeGreaterThan(1);
    expect(rig.asked.items.filter((item) => item.runId === runId).map((item) => item.itemId)).toEqual([itemId, `${runId}/asked/q1`]);
  });
});
