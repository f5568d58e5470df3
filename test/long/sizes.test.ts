// Values of any size through the engine on a real Temporal: what is large arrives whole, and what is too large is refused by
// name, with limit, size and remedy.

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { toFixtureEntry } from '../rig/fixture-entry.js';
import type { EngineRig } from '../rig/engine-rig.js';
import { startEngine } from '../rig/start-engine.js';
import { waitFor } from '../rig/start-lab.js';

/** No message that the engine sends to Temporal or over the wire of the bridge comes near their limits. */
const CALL_LOG_LIMIT_BYTES = 256 * 1024;
const DEEP = 'deep_calls_of_a_protocol_with_a_long_name';

let rig: EngineRig;

beforeAll(async () => {
  rig = await startEngine({
    entry: toFixtureEntry('test/fixtures/engine/sizes.protocol.ts', 'test/fixtures/rehearsal/long-words.protocol.ts'),
  });
}, 240_000);
afterAll(() => rig?.end());

const countCommands = (runId: string): number => rig.asked.commands.filter((command) => command.runId === runId).length;

/** The largest payload in any event of a workflow's executions. */
async function measureHistory(runId: string): Promise<number> {
  const { events } = await rig.client.workflow.getHandle(runId).fetchHistory();
  return Math.max(...(events ?? []).map((event) => JSON.stringify(event).length));
}

describe('large values', () => {
  test('a result of 2.2 MB arrives whole', async () => {
    const runId = await rig.start('large_result', { bytes: 2_200_000 });
    expect(await rig.result(runId)).toBe('x'.repeat(2_200_000));
    expect(rig.asked.finished.find((each) => each.runId === runId)).toMatchObject({ status: 'completed' });
    expect(await measureHistory(runId)).toBeLessThan(CALL_LOG_LIMIT_BYTES);
  });

  test('one of 6 MB is refused by name, and the run ends with its limit, size and remedy', async () => {
    const runId = await rig.start('large_result', { bytes: 6_000_000 });
    await expect(rig.result(runId)).rejects.toMatchObject({
      cause: { type: 'VALUE_TOO_LARGE', message: 'The result of large_result has 6000002 bytes; the limit is 4194304.' },
    });
    expect(rig.asked.finished.find((each) => each.runId === runId)).toMatchObject({
      status: 'failed',
      error: { code: 'VALUE_TOO_LARGE', remedy: expect.stringContaining('run.data.save') as unknown },
    });
  });

  test('96 children of a caller with 60 kB of state', async () => {
    const runId = await rig.start('large_state', { count: 96, bytes: 60_000 });
    expect(await rig.result(runId)).toBe(96);
    expect(countCommands(runId)).toBe(96);
  });

  test.each([40, 400])('a block of 250 reads of 96 wells, and %i commands after it over several executions', async (more) => {
    const wells = Array.from({ length: 96 }, (_, k) => 0.123456 + k);
    rig.onCommand = ({ id, method }) => Promise.resolve(id.endsWith('/250/0') ? [id] : method === 'pick_up_tips' ? wells : null);
    rig.resultOf = (id) => (id.endsWith('/250/0') ? [id] : wells);
    const runId = await rig.start('many_reads', { count: 250, more });
    expect(await rig.result(runId)).toEqual({ reads: 250, last: [`${runId}/many_reads/250/0`] });
    rig.onCommand = () => Promise.resolve(null);
    expect(countCommands(runId)).toBe(250 + more);
    expect(await rig.countExecutions(runId)).toBeGreaterThan(more > 100 ? 1 : 0);
  });
});

test.each([
  ['question', 16 * 1024],
  ['details', 64 * 1024],
  ['title', 1024],
  ['note', 16 * 1024],
])('a %s of more than %i bytes is refused by name', async (what, bytes) => {
  const runId = await rig.start('long_words', { what, bytes });
  await expect(rig.result(runId)).rejects.toMatchObject({
    cause: { type: 'VALUE_TOO_LARGE', message: expect.stringContaining(`the limit is ${bytes}.`) as unknown },
  });
  expect(rig.asked.items.filter((item) => item.runId === runId)).toEqual([]);
});

describe('the call log', () => {
  const measureLogs = (runId: string): number[] => [...rig.asked.logs.filter((log) => log.runId === runId)].map(({ bytes }) => bytes);

  test.each([
    ['much_data', { count: 40, bytes: 60_000 }, 40],
    ['large_arguments', { count: 190, bytes: 12_000 }, 190 * 12_000],
  ])('of %s travels in portions, and nothing of it is lost', async (protocol, parameters, result) => {
    const runId = await rig.start(protocol, parameters);
    expect(await rig.result(runId)).toBe(result);
    expect(Math.max(...measureLogs(runId))).toBeLessThan(CALL_LOG_LIMIT_BYTES);
    const told = [...rig.asked.entries].filter(([key]) => key.startsWith(`${runId} `)).map(([, entry]) => entry.n);
    expect(told.sort((a, b) => a - b)).toEqual(Array.from({ length: told.length }, (_, k) => k + 1));
    expect(told.length).toBe(protocol === 'much_data' ? 42 : 2 + 2 * 190);
  });
});

describe('very many operations', () => {
  test.each([300, 2_100])(
    '%i branches with a command each: all are done, and never more than a few under way',
    async (count) => {
      let open = 0;
      let mostOpen = 0;
      rig.onCommand = async () => {
        mostOpen = Math.max(mostOpen, ++open);
        await new Promise((resolve) => setTimeout(resolve, 1));
        open -= 1;
        return null;
      };
      const runId = await rig.start('wide_commands', { count });
      expect(await rig.result(runId)).toBe(count);
      rig.onCommand = () => Promise.resolve(null);
      expect(new Set(rig.asked.commands.filter((command) => command.runId === runId).map(({ id }) => id)).size).toBe(count);
      expect(mostOpen).toBeLessThanOrEqual(9);
    },
    240_000,
  );

  test('who waits for one machine keeps nobody waiting for another', async () => {
    const order: string[] = [];
    let release = (): void => undefined;
    const released = new Promise<void>((resolve) => {
      release = resolve;
    });
    rig.onCommand = async ({ machine }) => {
      order.push(machine);
      if (machine === 'other') release();
      else await released;
      return null;
    };
    const runId = await rig.start('wide_commands', { count: 40 });
    expect(await rig.result(runId)).toBe(40);
    rig.onCommand = () => Promise.resolve(null);
    expect(order.indexOf('other')).toBeLessThan(9);
  });

  test('a cancel ends those that wait, and nothing of them begins', async () => {
    rig.onCommand = async () => {
      await new Promise((resolve) => setTimeout(resolve, 20_000));
      return null;
    };
    const runId = await rig.start('wide_commands', { count: 100 });
    await waitFor('the first commands', () => Promise.resolve(countCommands(runId) === 9));
    rig.onCommand = () => Promise.resolve(null);
    await rig.client.workflow.getHandle(runId).signal('cancel', { by: 'test' });
    await expect(rig.result(runId)).rejects.toMatchObject({ cause: { name: 'CancelledFailure' } });
    expect(countCommands(runId)).toBe(9);
  }, 60_000);
});

describe('deep calls', () => {
  test('of forty levels: their ids are shortened, and stay apart', async () => {
    const runId = await rig.start(DEEP, { depth: 40 });
    expect(await rig.result(runId)).toBe(40);
    const [command] = rig.asked.commands.filter((each) => each.runId === runId);
    expect(command?.callPath.length).toBeGreaterThan(1_500);
    expect(command?.id.length).toBeLessThan(450);
  });

  test('of very many are refused by name', async () => {
    const runId = await rig.start(DEEP, { depth: 200 });
    await expect(rig.result(runId)).rejects.toMatchObject({
      cause: { type: 'CALL_TOO_DEEP', message: expect.stringContaining('the limit is 2000') as unknown },
    });
  });
});
