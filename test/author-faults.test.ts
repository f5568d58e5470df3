// Whatever an author's code throws, catches or waits for: its run ends with the truth and its cleanups have run.

import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { MESSAGE_LIMIT_CHARACTERS } from '../domain/values/thrown.js';
import type { FinishRequest } from '../activities/activity-types.js';
import { toFixtureEntry } from './rig/fixture-entry.js';
import type { EngineRig } from './rig/engine-rig.js';
import { startEngine } from './rig/start-engine.js';
import { waitFor } from './rig/start-lab.js';

const TEST_LIMIT_MS = 40_000;

let rig: EngineRig;

beforeAll(async () => {
  rig = await startEngine({
    entry: toFixtureEntry('test/fixtures/engine/faults.protocol.ts'),
  });
}, 240_000);
afterAll(() => rig?.end());

test.each([
  ['undefined', 'undefined'],
  ['text', "the text 'just a text'"],
  ['symbol', 'Symbol(s)'],
  ['function', 'a function'],
  ['promise', 'a promise; await it first'],
  ['frozen', 'Error: frozen'],
  ['plain', '{"reason":"none"}'],
  ['proxy', 'an object that cannot be read'],
  ['hostile', 'an object that cannot be read'],
  ['getter', 'an object that cannot be read'],
  ['toString', 'an object that cannot be read'],
  ['cyclic', 'Error: bites its tail'],
  ['surrogate', 'half \uFFFD and \uFFFD'],
  ['code', 'an object: LabError: '],
])(
  '%s is thrown: the run fails and says so, in a call too, and its cleanup has run',
  async (what, told) => {
    for (const isNested of [false, true]) {
      const runId = await rig.start('throw_odd', { what, isNested });
      await expect(rig.result(runId)).rejects.toMatchObject({ cause: { type: 'PROTOCOL_ERROR' } });
      const end = await findEnd(runId);
      expect([end.status, end.error?.code, end.error?.message]).toEqual(['failed', 'PROTOCOL_ERROR', expect.stringContaining(told)]);
      expect(listMethods(runId).at(-1)).toBe('return_tips');
    }
  },
  TEST_LIMIT_MS,
);

test.each([99, 100, 101, 102])(
  'after a cancel %i refused commands are caught, where a hundred are the limit: the cleanup runs to its end all the same',
  async (count) => {
    const gate = { open: (): void => undefined };
    const opened = new Promise<null>((resolve) => {
      gate.open = () => {
        resolve(null);
      };
    });
    rig.onCommand = ({ n }) => (n === 1 ? opened : Promise.resolve(null));
    const runId = await rig.start('catch_each', { count });
    await waitFor('the first command', () => Promise.resolve(listMethods(runId)[0]));
    await rig.client.workflow.getHandle(runId).signal('cancel');
    await waitFor('the cancel to be applied', () => Promise.resolve(rig.asked.controls.at(-1)?.cancel));
    gate.open();
    await rig.result(runId).catch(() => undefined);
    rig.onCommand = () => Promise.resolve(null);
    expect(listMethods(runId)).toEqual(['pick_up_tips', 'return_tips', 'discard_tips']);
    expect((await findEnd(runId)).quarantineMachines).toEqual([]);
  },
  TEST_LIMIT_MS,
);

test.each([
  ['error', 5_000_000, 'PROTOCOL_ERROR'],
  ['lab-error', 1_500_000, 'TIP_MISSING'],
  ['details', 5_000_000, 'TIP_MISSING'],
  ['cleanup', 5_000_000, 'PROTOCOL_ERROR'],
])(
  'a %s of %i characters is told cut, with a mark',
  async (how, characters, code) => {
    const runId = await rig.start('throw_large', { characters, how });
    await expect(rig.result(runId)).rejects.toMatchObject({ cause: { type: code } });
    const { status, error } = await findEnd(runId);
    expect([status, error?.code, JSON.stringify(error).length < 3 * MESSAGE_LIMIT_CHARACTERS]).toEqual(['failed', code, true]);
    expect(JSON.stringify(error)).toMatch(/cut here; \d{7} characters in all|These details had \d{7} characters/u);
    expect(listMethods(runId)).toEqual(['pick_up_tips', 'return_tips']);
  },
  TEST_LIMIT_MS,
);

test(
  'a pause in the middle of a cleanup freezes nothing of it',
  async () => {
    const runId = await rig.start('slow_cleanup', {});
    const handle = rig.client.workflow.getHandle(runId);
    await waitFor('the tip to be picked up', () => Promise.resolve(listMethods(runId).length === 1));
    await handle.signal('cancel');
    await handle.signal('pause');
    await expect(rig.result(runId)).rejects.toMatchObject({ cause: { name: 'CancelledFailure' } });
    expect(listMethods(runId)).toEqual(['pick_up_tips', 'return_tips']);
  },
  TEST_LIMIT_MS,
);

test.each(['some', 'endless', 'never', 'another-error'])(
  'cancelled, whatever the code catches or waits for: %s',
  async (how) => {
    const runId = await rig.start('catch_all', { how });
    await waitFor('a motion', () => Promise.resolve(listMethods(runId).length >= (how === 'another-error' ? 1 : 2)));
    await rig.client.workflow.getHandle(runId).signal('cancel');
    await expect(rig.result(runId)).rejects.toMatchObject({ cause: { name: 'CancelledFailure' } });
    const { status, error, quarantineMachines } = await findEnd(runId);
    expect([status, error?.code, quarantineMachines]).toEqual(['cancelled', 'RUN_CANCELLED', []]);
    expect(listMethods(runId).at(-1)).toBe('return_tips');
  },
  TEST_LIMIT_MS,
);

test(
  'a run that remembers too much ends so, whatever its code catches',
  async () => {
    rig.onCommand = ({ method }) => Promise.resolve(method === 'aspirate' ? 'x'.repeat(4_000).slice(0, 1_000) : null);
    const runId = await rig.start('catch_all', { how: 'full' }, { ledgerLimitBytes: 100_000 });
    await expect(rig.result(runId)).rejects.toMatchObject({ cause: { type: 'LEDGER_FULL' } });
    rig.onCommand = () => Promise.resolve(null);
    expect(await findEnd(runId)).toMatchObject({ status: 'failed', error: { code: 'LEDGER_FULL' }, quarantineMachines: [] });
    expect(listMethods(runId).at(-1)).toBe('return_tips');
  },
  3 * TEST_LIMIT_MS,
);

test.each([
  [
    'method',
    /First time: wayward#2 came next .* with other arguments or another method. Now: it asks for wayward#2 \["star","drop_tips",\{"tip_spots":\[\]\}\]/u,
  ],
  ['arguments', /Now: it asks for wayward#2 \["star","discard_tips",\{"use_channels":\[1\]\}\]/u],
  ['less', /First time: wayward#2 came next .* Now: it asks for nothing more/u],
  ['never', /First time: wayward#2 came next .* Now: it asks for nothing more/u],
  ['more', /First time: wayward#2 came next .* Now: it asks for wayward#d1 \["delay",1\]/u],
])(
  'a protocol that takes another way (%s) moves nothing more and is put before a person',
  async (how, told) => {
    const runId = await rig.start('wayward', { how }, { historyBudgetEvents: 60 });
    const findItem = () => rig.asked.items.find((item) => item.runId === runId);
    await waitFor('the item', () => Promise.resolve(findItem() !== undefined));
    const moved = listMethods(runId);
    const item = findItem();
    expect(item?.subject.text).toMatch(told);
    const handle = rig.client.workflow.getHandle(runId);
    if (how === 'less') await handle.signal('cancel');
    else await handle.executeUpdate('answer', { args: [{ itemId: item?.itemId, answer: 'abort', by: 'test', note: '', atMs: 0 }] });
    await expect(rig.result(runId)).rejects.toMatchObject({
      cause: how === 'less' ? { name: 'CancelledFailure' } : { type: 'LEDGER_MISMATCH' },
    });
    const { status, error, quarantineMachines } = await findEnd(runId);
    expect([status, quarantineMachines.length, error?.message]).toEqual([
      how === 'less' ? 'cancelled' : 'failed',
      3,
      expect.stringContaining('Its cleanups did not run'),
    ]);
    expect(listMethods(runId)).toEqual(moved);
  },
  TEST_LIMIT_MS,
);

test.each([100_000, 60])(
  'code that looks whether a command has ended sees the same with a history of %i events',
  async (historyBudgetEvents) => {
    const runId = await rig.start('curious', { count: 60 }, { historyBudgetEvents });
    expect(await rig.result(runId)).toEqual({ sawRunning: true, early: false });
    expect(listMethods(runId)).toHaveLength(61);
  },
  TEST_LIMIT_MS,
);

function listMethods(runId: string): readonly string[] {
  return rig.asked.commands.filter((each) => each.runId === runId).map(({ method }) => method);
}

async function findEnd(runId: string): Promise<FinishRequest> {
  const find = (): FinishRequest | undefined => rig.asked.finished.find((each) => each.runId === runId);
  await waitFor('the run to be finished', () => Promise.resolve(find() !== undefined));
  return find() as FinishRequest;
}
