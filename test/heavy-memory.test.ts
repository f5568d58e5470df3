// What a run remembers may be large: changes of its state by calls, accumulators, results and answers. It comes through its
// continuations whole, and what is too large is refused by name before it counts.

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { ANSWER_LIMIT_BYTES } from '../domain/inbox/inbox.js';
import { LEDGER_PORTION_BYTES } from '../workflows/replay/ledger-portions.js';
import type { EngineRig } from './rig/engine-rig.js';
import { toFixtureEntry } from './rig/fixture-entry.js';
import { startEngine } from './rig/start-engine.js';
import { waitFor } from './rig/start-lab.js';

const BUDGET = { historyBudgetEvents: 80 };

let rig: EngineRig;

beforeAll(async () => {
  rig = await startEngine({ entry: toFixtureEntry('test/fixtures/engine/heavy.protocol.ts') });
}, 240_000);
afterAll(() => rig?.end());

describe('a run that remembers much', () => {
  test('twenty calls that each change 60 kB of the state, over several executions', async () => {
    const runId = await rig.start('heavy_patches', { count: 20, bytes: 60_000, strokes: 40 }, BUDGET);
    expect(await rig.result(runId)).toEqual({ sum: 190, last: '19 x' });
    expect(await rig.countExecutions(runId)).toBeGreaterThan(2);
    expect(new Set(rig.asked.commands.filter((command) => command.runId === runId).map(({ id }) => id)).size).toBe(60);
  });

  test('no event of its history is large', async () => {
    const runId = await rig.start('heavy_patches', { count: 12, bytes: 60_000, strokes: 30 }, BUDGET);
    await rig.result(runId);
    const { events } = await rig.client.workflow.getHandle(runId).fetchHistory();
    expect(Math.max(...(events ?? []).map((event) => JSON.stringify(event).length))).toBeLessThan(LEDGER_PORTION_BYTES);
    await rig.replay(runId);
  });

  test('calls that return 900 kB each, and delays over several executions', async () => {
    const runId = await rig.start('heavy_results', { count: 4, bytes: 900_000, delays: 60 }, BUDGET);
    expect(await rig.result(runId)).toBe(3_600_000);
  });

  test('an accumulator of 1 MB', async () => {
    const runId = await rig.start('heavy_loop', { count: 40, bytes: 25_000 }, BUDGET);
    expect(await rig.result(runId)).toBe(1_000_000);
    expect(await rig.countExecutions(runId)).toBeGreaterThan(1);
  });

  test('an accumulator that no value may have is refused by name', async () => {
    const runId = await rig.start('heavy_loop', { count: 3, bytes: 1_500_000 });
    await expect(rig.result(runId)).rejects.toMatchObject({
      cause: { type: 'VALUE_TOO_LARGE', message: expect.stringContaining('What an iteration returned has 4500002 bytes') as unknown },
    });
  });
});

describe('an answer', () => {
  const give = (runId: string, answer: string): Promise<unknown> =>
    rig.client.workflow
      .getHandle(runId)
      .executeUpdate('answer', { args: [{ itemId: `${runId}/long_word/q1`, answer, by: 'ada', note: '', atMs: 1 }] });

  test('of more than the limit is refused and changes nothing; one below it is carried', async () => {
    const runId = await rig.start('long_word', { strokes: 40 }, BUDGET);
    await waitFor('the question', () => Promise.resolve(rig.asked.items.some((item) => item.runId === runId)));
    await expect(give(runId, 'x'.repeat(ANSWER_LIMIT_BYTES))).rejects.toMatchObject({
      cause: { type: 'VALUE_TOO_LARGE', message: expect.stringContaining(`the limit is ${ANSWER_LIMIT_BYTES}.`) as unknown },
    });
    await give(runId, 'x'.repeat(ANSWER_LIMIT_BYTES - 2));
    expect(await rig.result(runId)).toBe(ANSWER_LIMIT_BYTES - 2);
    expect(await rig.countExecutions(runId)).toBeGreaterThan(1);
  });
});
