// What waits for a person and what races against time, on the engine alone: forms, work by hand, answers by timeout, time
// windows; over continuations of the workflow and workers that are replaced.

import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { OpenItemRequest } from '../activities/activity-types.js';
import type { Json } from '../domain/json/json.js';
import { toFixtureEntry } from './rig/fixture-entry.js';
import type { EngineRig } from './rig/engine-rig.js';
import { startEngine } from './rig/start-engine.js';
import { wait, waitFor } from './rig/start-lab.js';

const TEST_LIMIT_MS = 120_000;
/** How long a run that must not go on is watched. */
const STILL_MS = 700;
/** Of a run that has nothing to wait for any more. */
const LONG_MS = 20_000;

let rig: EngineRig;
let lastN = 0;

beforeAll(async () => {
  rig = await startEngine({
    entry: toFixtureEntry('test/fixtures/engine/time.protocol.ts'),
  });
}, 240_000);
afterAll(() => rig?.end());
beforeEach(() => {
  rig.onCommand = () => Promise.resolve(null);
  rig.onControl = () => Promise.resolve();
});

const itemsOf = (runId: string): OpenItemRequest[] => rig.asked.items.filter((item) => item.runId === runId);
const waitForItem = (runId: string, n = 0): Promise<OpenItemRequest> =>
  waitFor(`item ${n} of ${runId}`, () => Promise.resolve(itemsOf(runId)[n]));
const methodsOf = (runId: string): string[] => rig.asked.commands.filter((command) => command.runId === runId).map(({ method }) => method);
const closedOf = (runId: string) => rig.asked.closed.filter((closed) => closed.runId === runId);
const windowsOf = (runId: string) =>
  [...rig.asked.entries].flatMap(([key, { window }]) => (key.startsWith(runId) && window ? [window] : []));

/** Each as an update of its own, as two people give them. */
function answer(item: OpenItemRequest, value: Json, note = ''): Promise<unknown> {
  const given = { itemId: item.itemId, answer: value, by: 'ada', note, atMs: 1 };
  return rig.client.workflow.getHandle(item.workflowId).executeUpdate('answer', { args: [given], updateId: `u${++lastN}` });
}

function refusal(type: string, message: string): object {
  return { cause: { type, message: expect.stringContaining(message) as unknown } };
}

/** Commands wait until they are let go. */
function holdCommands(): () => void {
  let letGo = (): void => undefined;
  const held = new Promise<void>((resolve) => {
    letGo = resolve;
  });
  rig.onCommand = () => held.then(() => null);
  return () => {
    letGo();
  };
}

describe('questions', () => {
  test(
    'a form is checked as parameters are, and comes back typed with its defaults',
    async () => {
      const runId = await rig.start('form', {});
      const item = await waitForItem(runId);
      expect(item.subject).toMatchObject({
        kind: 'form',
        picture: 'deck.png',
        details: { why: 'new lot' },
        fields: { lot: { type: 'text', min: 3 }, count: { type: 'integer', default: 2 } },
      });
      await expect(answer(item, 'L77')).rejects.toMatchObject(
        refusal('ANSWER_TYPE', 'an object with lot (text of at least 3 characters), count (integer from 1 to 9)'),
      );
      await expect(answer(item, { count: 3 })).rejects.toMatchObject(
        refusal('ANSWER_TYPE', "'lot' (text of at least 3 characters) is required"),
      );
      await expect(answer(item, { lot: 'L77', count: 10 })).rejects.toMatchObject(refusal('ANSWER_TYPE', 'integer from 1 to 9, not 10'));
      await expect(answer(item, { lot: 'L77', colour: 'red' })).rejects.toMatchObject(refusal('ANSWER_TYPE', 'no such field'));
      await answer(item, { lot: 'L77', wells: 'B1:B2' });
      expect(await rig.result(runId)).toEqual({ lot: 'L77', twice: 4, wells: ['B1', 'B2'] });
      expect(closedOf(runId)).toMatchObject([
        { status: 'answered', given: { answer: { lot: 'L77', count: 2, wells: ['B1', 'B2'] }, by: 'ada' } },
      ]);
    },
    TEST_LIMIT_MS,
  );

  test(
    'work by hand is made true before the answer counts; what is refused leaves the item open',
    async () => {
      const assets = { lh: toAsset('star', 'LiquidHandler'), plate: toAsset('plate_1', 'plate'), tips: toAsset('tips_1', 'tip_rack') };
      const runId = await rig.start('hand_work', {}, { assets });
      const move = await waitForItem(runId);
      expect(move.subject).toMatchObject({
        kind: 'manual-move',
        labware: ['plate_1'],
        to: { carrier: 'plate_carrier_2', site: 1 },
        picture: 'https://lab.example/deck.png',
      });
      await expect(answer(move, 'done')).rejects.toMatchObject(refusal('ANSWER_TYPE', 'yes or no'));
      await expect(answer(move, true, 'taken')).rejects.toMatchObject(refusal('BAD_STATEMENT', 'Something stands there'));
      await wait(STILL_MS);
      expect([itemsOf(runId).length, methodsOf(runId)]).toEqual([1, []]);
      await answer(move, true, 'carried');
      const refill = await waitForItem(runId, 1);
      expect(refill.subject).toMatchObject({ kind: 'refill', labware: ['tips_1'] });
      await answer(refill, false);
      expect(await rig.result(runId)).toEqual({ isMoved: true, isFresh: false });
      expect(rig.asked.handWork.filter((work) => work.runId === runId)).toMatchObject([
        { labware: ['plate_1'], to: { carrier: 'plate_carrier_2', site: 1 }, given: { answer: true, note: 'carried' } },
        { labware: ['tips_1'], to: null, given: { answer: false } },
      ]);
    },
    TEST_LIMIT_MS,
  );

  test(
    'what cannot be asked is refused where it is asked',
    async () => {
      const runId = await rig.start('bad_question', {});
      expect(await rig.result(runId)).toEqual(Array.from({ length: 6 }, () => 'BAD_ARGUMENTS'));
      expect(itemsOf(runId)).toEqual([]);
    },
    TEST_LIMIT_MS,
  );
});

describe('an answer that was accepted', () => {
  test(
    'is on record as given, also where the run is cancelled before it could be written down',
    async () => {
      const runId = await rig.start('form', {});
      const item = await waitForItem(runId);
      await rig.stopWorkers('activities');
      await answer(item, { lot: 'L77' });
      await rig.client.workflow.getHandle(runId).cancel();
      await rig.startWorkers('activities');
      await expect(rig.result(runId)).rejects.toMatchObject({ cause: { name: 'CancelledFailure' } });
      expect(closedOf(runId)).toMatchObject([{ status: 'answered', given: { answer: { lot: 'L77' }, by: 'ada' } }]);
    },
    TEST_LIMIT_MS,
  );
});

describe('a statement that is being made true', () => {
  test(
    'while its run is cancelled is on record as accepted where the person was told so',
    async () => {
      const runId = await rig.start(
        'hand_work',
        {},
        { assets: { lh: toAsset('star', 'LiquidHandler'), plate: toAsset('plate_1', 'plate'), tips: toAsset('tips_1', 'tip_rack') } },
      );
      const item = await waitForItem(runId);
      await rig.stopWorkers('activities');
      const given = { itemId: item.itemId, answer: true, by: 'ada', note: 'carried', atMs: 1 };
      const update = await rig.client.workflow
        .getHandle(item.workflowId)
        .startUpdate('answer', { args: [given], updateId: `u${++lastN}`, waitForStage: 'ACCEPTED' });
      await rig.client.workflow.getHandle(runId).signal('cancel');
      await rig.startWorkers('activities');
      await update.result();
      await expect(rig.result(runId)).rejects.toMatchObject({ cause: { name: 'CancelledFailure' } });
      expect(rig.asked.handWork.filter((work) => work.runId === runId)).toHaveLength(1);
      expect(closedOf(runId).map(({ status }) => status)).not.toContain('withdrawn');
    },
    TEST_LIMIT_MS,
  );
});

describe('a question that nobody answers', () => {
  test(
    'takes its default, on record as by timeout; one without a default throws',
    async () => {
      const runId = await rig.start('answered_by_time', {});
      expect(await rig.result(runId)).toEqual({ dye: 'blue', lot: 'ANSWER_TIMEOUT' });
      expect(closedOf(runId)).toMatchObject([
        { status: 'answered', given: { answer: 'blue', by: 'timeout' } },
        { status: 'withdrawn', note: 'Nobody answered in time: Which lot?' },
      ]);
    },
    TEST_LIMIT_MS,
  );

  test(
    'an answer that comes in time wins, one that comes after the timeout is told who was first',
    async () => {
      const runId = await rig.start('answered_by_time', { afterMs: 4_000 });
      const dye = await waitForItem(runId);
      const lot = await waitForItem(runId, 1);
      await expect(answer(dye, 'red')).rejects.toMatchObject(refusal('ITEM_ANSWERED', 'timeout was first'));
      await answer(lot, 'L1');
      expect(await rig.result(runId)).toEqual({ dye: 'blue', lot: 'L1' });
    },
    TEST_LIMIT_MS,
  );

  test(
    'keeps its deadline over continuations, a pause and new workers',
    async () => {
      const runId = await rig.start('answered_by_time', { count: 90, afterMs: 5_000 }, { historyBudgetEvents: 100 });
      await waitForItem(runId);
      await rig.client.workflow.getHandle(runId).signal('pause');
      await rig.replaceWorkers('workflows');
      await waitFor('the default', () => Promise.resolve(closedOf(runId)[0]));
      await rig.client.workflow.getHandle(runId).signal('resume');
      expect(await rig.result(runId)).toEqual({ dye: 'blue', lot: 'ANSWER_TIMEOUT' });
      expect(await rig.countExecutions(runId)).toBeGreaterThan(2);
      expect(itemsOf(runId).map(({ itemId }) => itemId.slice(runId.length + 1))).toEqual([
        'answered_by_time(1.1)/q1',
        'answered_by_time/q1',
      ]);
    },
    TEST_LIMIT_MS,
  );
});

describe('a time window', () => {
  test(
    'that ends in time is told to nobody, also over a pause that comes after its end and over continuations',
    async () => {
      const runId = await rig.start('windowed', { count: 60, maxMs: 60_000 }, { historyBudgetEvents: 100 });
      expect(await rig.result(runId)).toEqual({ isBroken: false });
      expect([itemsOf(runId), windowsOf(runId)]).toEqual([[], []]);
      expect(await rig.countExecutions(runId)).toBeGreaterThan(2);
    },
    TEST_LIMIT_MS,
  );

  test(
    'warns, and breaks while a command runs: the item is there at once, the command goes on, the next waits for the answer',
    async () => {
      const letGo = holdCommands();
      const runId = await rig.start('windowed', { count: 2, maxMs: 1_500, warnMs: 1_000 });
      const item = await waitForItem(runId);
      expect(item.subject).toMatchObject({
        kind: 'time-window',
        window: 'lysis',
        maxMs: 1_500,
        text: expect.stringContaining("'lysis' of 1 s 500 ms broke") as unknown,
      });
      expect(windowsOf(runId)).toMatchObject([
        { name: 'lysis', isBroken: false, text: "'lysis' breaks in 1 s; it may take 1 s 500 ms." },
        { name: 'lysis', isBroken: true },
      ]);
      await waitFor('the hold', () => Promise.resolve(rig.asked.controls.at(-1)?.pauseReasons.join() === 'policy'));
      letGo();
      await wait(STILL_MS);
      expect(methodsOf(runId)).toEqual(['pick_up_tips']);
      await rig.replaceWorkers('workflows');
      await expect(answer(item, 'later')).rejects.toMatchObject(refusal('ANSWER_TYPE', 'one of go-on, abort'));
      await answer(item, 'go-on');
      expect(await rig.result(runId)).toEqual({ isBroken: true });
      expect(methodsOf(runId)).toEqual(['pick_up_tips', 'pick_up_tips', 'discard_tips']);
      expect(itemsOf(runId)).toHaveLength(1);
    },
    TEST_LIMIT_MS,
  );

  test(
    'resume alone does not let a broken one go; abort cancels the run, with its cleanups',
    async () => {
      const letGo = holdCommands();
      const runId = await rig.start('windowed', { count: 2, maxMs: 300 });
      const item = await waitForItem(runId);
      await rig.client.workflow.getHandle(runId).signal('resume');
      letGo();
      await wait(STILL_MS);
      expect(methodsOf(runId)).toEqual(['pick_up_tips']);
      await answer(item, 'abort');
      await expect(rig.result(runId)).rejects.toMatchObject({ cause: { name: 'CancelledFailure' } });
      expect(methodsOf(runId)).toEqual(['pick_up_tips', 'return_tips']);
      expect(rig.asked.finished.at(-1)).toMatchObject({ runId, status: 'cancelled' });
    },
    TEST_LIMIT_MS,
  );

  test(
    'goes on through a pause',
    async () => {
      const letGo = holdCommands();
      const runId = await rig.start('windowed', { count: 2, maxMs: 2_000 });
      await waitFor('the first command', () => Promise.resolve(methodsOf(runId)[0]));
      await rig.client.workflow.getHandle(runId).signal('pause');
      letGo();
      const item = await waitForItem(runId);
      await rig.client.workflow.getHandle(runId).signal('resume');
      await answer(item, 'go-on');
      expect(await rig.result(runId)).toEqual({ isBroken: true });
    },
    TEST_LIMIT_MS,
  );

  test(
    'lets the run go, at whatever moment of telling the outside it is decided',
    async () => {
      const free = new Map<string, () => void>();
      rig.onCommand = ({ runId, n }) =>
        n > 1
          ? Promise.resolve(null)
          : new Promise((resolve) => {
              free.set(runId, () => {
                resolve(null);
              });
            });
      rig.onControl = () => wait(Math.random() * 300);
      const decide = async (maxMs: number): Promise<unknown> => {
        const runId = await rig.start('windowed', { count: 1, maxMs });
        const letGo = await waitFor('the command', () => Promise.resolve(free.get(runId)));
        const run = rig.client.workflow.getHandle(runId);
        await run.signal('pause');
        const item = await waitForItem(runId);
        await run.signal('resume');
        await answer(item, 'go-on');
        letGo();
        const over = rig.result(runId).then(() => 'over');
        return Promise.race([over, wait(LONG_MS).then(() => `${runId}, window of ${maxMs} ms: held though nothing holds it`)]);
      };
      for (let round = 0; round < 2; round++) {
        expect(await Promise.all(Array.from({ length: 20 }, (_, k) => decide(100 + 25 * k)))).toEqual(Array(20).fill('over'));
      }
    },
    TEST_LIMIT_MS,
  );

  test(
    'whose work was over before a pause does not break in it',
    async () => {
      const runId = await rig.start('windowed', { count: 0, maxMs: 1_500 });
      expect(await rig.result(runId)).toEqual({ isBroken: false });
      const letGo = holdCommands();
      const paused = await rig.start('windowed', { count: 1, maxMs: 3_000 });
      await waitFor('the command', () => Promise.resolve(methodsOf(paused)[0]));
      await rig.client.workflow.getHandle(paused).signal('pause');
      letGo();
      await wait(3_500);
      expect(itemsOf(paused)).toEqual([]);
      await rig.client.workflow.getHandle(paused).signal('resume');
      expect(await rig.result(paused)).toEqual({ isBroken: false });
    },
    TEST_LIMIT_MS,
  );

  test(
    'that breaks between continuations is decided once',
    async () => {
      const runId = await rig.start('windowed', { count: 120, maxMs: 1_200 }, { historyBudgetEvents: 100 });
      const item = await waitForItem(runId);
      await wait(STILL_MS);
      const before = methodsOf(runId).length;
      await wait(STILL_MS);
      expect(methodsOf(runId)).toHaveLength(before);
      await answer(item, 'go-on');
      expect(await rig.result(runId)).toEqual({ isBroken: true });
      expect(itemsOf(runId)).toHaveLength(1);
      expect(await rig.countExecutions(runId)).toBeGreaterThan(2);
    },
    TEST_LIMIT_MS,
  );

  test.each(['inline', 'child'])(
    'left open ends with its call (%s): late it is decided first, in time it is forgotten',
    async (kind) => {
      const letGo = holdCommands();
      const late = await rig.start('window_in_call', { kind, count: 1, maxMs: 500, isLeftOpen: true });
      const item = await waitForItem(late);
      expect(item.workflowId).toBe(kind === 'child' ? `${late}/window_in_call/windowed.1` : late);
      letGo();
      await wait(STILL_MS);
      expect(methodsOf(late)).toEqual(['pick_up_tips']);
      await answer(item, 'go-on');
      expect(await rig.result(late)).toEqual({ isBroken: null });
      const forgotten = await rig.start('window_in_call', { kind, count: 1, maxMs: 20_000, isLeftOpen: true });
      expect(await rig.result(forgotten)).toEqual({ isBroken: null });
      expect(itemsOf(forgotten)).toEqual([]);
    },
    TEST_LIMIT_MS,
  );

  test(
    'no more than twenty are open at a time',
    async () => {
      expect(await rig.result(await rig.start('many_windows', {}))).toBe('BAD_ARGUMENTS');
    },
    TEST_LIMIT_MS,
  );
});

function toAsset(name: string, type: string) {
  return { id: name, name, kind: type === 'LiquidHandler' ? ('machine' as const) : ('labware' as const), type };
}
