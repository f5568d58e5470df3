// An engine that cannot go on, because what it needs of the outside is refused for good: its run ends all the same, says why, and
// leaves nothing that moves; a call tells its caller.

import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { ApplicationFailure } from '@temporalio/activity';
import type { FinishRequest } from '../activities/activity-types.js';
import { toFixtureEntry } from './rig/fixture-entry.js';
import type { EngineRig } from './rig/engine-rig.js';
import { startEngine } from './rig/start-engine.js';
import { wait, waitFor } from './rig/start-lab.js';

const TEST_LIMIT_MS = 120_000;
const BUDGET_EVENTS = 150;
/** So many strokes of a call below would fit in. */
const STILL_MS = 1_500;
const ALL_MACHINES = ['star', 'reader', 'other'];

let rig: EngineRig;

beforeAll(async () => {
  rig = await startEngine({ entry: toFixtureEntry('test/fixtures/engine/children.protocol.ts', 'test/fixtures/engine/lost.protocol.ts') });
}, 240_000);
afterAll(() => rig?.end());
afterEach(() => {
  rig.onCommand = () => Promise.resolve(null);
  rig.onRead = () => Promise.resolve();
  rig.onRecord = () => Promise.resolve();
  rig.onFinish = () => Promise.resolve();
});

const listOf = (runId: string) => rig.asked.commands.filter((each) => each.runId === runId);
const listMethods = (runId: string): string[] => listOf(runId).map(({ method }) => method);
const findEnd = async (runId: string): Promise<FinishRequest> =>
  waitFor('the run to be finished', () => Promise.resolve(rig.asked.finished.find((each) => each.runId === runId)));
const refuse = (why: string) => (): Promise<never> => Promise.reject(ApplicationFailure.nonRetryable(why, 'INTERNAL'));

async function expectStill(runId: string): Promise<void> {
  const before = listOf(runId).length;
  await wait(STILL_MS);
  expect(listOf(runId)).toHaveLength(before);
}

describe('a result that was too large to carry over is lost', () => {
  const lose = (): void => {
    rig.onCommand = ({ method }) => Promise.resolve(method === 'aspirate' ? 'x'.repeat(40_000) : null);
    rig.onRead = refuse('It is in no record.');
  };

  test(
    'the run ends with that, after its calls, and its machines are quarantined',
    async () => {
      lose();
      const runId = await rig.start('heavy_parent', {}, { historyBudgetEvents: BUDGET_EVENTS });
      await expect(rig.result(runId)).rejects.toMatchObject({ cause: { type: 'INTERNAL' } });
      expect(await findEnd(runId)).toMatchObject({
        status: 'failed',
        quarantineMachines: ALL_MACHINES,
        error: { code: 'INTERNAL', message: expect.stringMatching(/It is in no record.*Its cleanups did not run/u) as unknown },
      });
      expect(listMethods(runId).filter((method) => method === 'discard_tips')).toHaveLength(1);
      expect(listMethods(runId)).not.toContain('drop_tips');
      await expectStill(runId);
      await rig.replay(runId);
    },
    TEST_LIMIT_MS,
  );

  test(
    'what an earlier execution has left moving is stopped before the run ends',
    async () => {
      lose();
      let open = (): void => undefined;
      const [opened, lost] = [
        new Promise<void>((resolve) => {
          open = resolve;
        }),
        rig.onCommand,
      ];
      rig.onCommand = async (request) => {
        if (request.method === 'drop_tips') await opened;
        return lost(request);
      };
      const stoppedAtEnd: string[] = [];
      rig.onFinish = () => Promise.resolve(void stoppedAtEnd.push(...rig.asked.stopped));
      const runId = await rig.start('moving_lost', { how: 'kept' }, { historyBudgetEvents: BUDGET_EVENTS });
      expect(await findEnd(runId)).toMatchObject({ status: 'failed', quarantineMachines: ALL_MACHINES });
      expect(stoppedAtEnd).toContain(`${runId}/moving_lost(1.1)/1/0`);
      open();
      await rig.replay(runId);
    },
    TEST_LIMIT_MS,
  );

  test(
    'a call tells its caller, which goes on',
    async () => {
      lose();
      const runId = await rig.start('above_broken', { how: 'kept' }, { historyBudgetEvents: BUDGET_EVENTS });
      expect(await rig.result(runId)).toMatch(/^INTERNAL: .*It is in no record/u);
      expect(await findEnd(runId)).toMatchObject({ status: 'completed', quarantineMachines: ALL_MACHINES });
      expect(listMethods(runId).filter((method) => method === 'discard_tips')).toHaveLength(1);
      await expectStill(runId);
      await rig.replay(`${runId}/above_broken/heavy_parent.1`);
    },
    TEST_LIMIT_MS,
  );
});

describe('the call log is refused', () => {
  test(
    'at the end of a run: it fails with that, and leaves no machine in doubt',
    async () => {
      rig.onRecord = refuse('This cannot be written.');
      const runId = await rig.start('talker', { count: 150, characters: 1, delayMs: 0 });
      await expect(rig.result(runId)).rejects.toMatchObject({ cause: { type: 'INTERNAL' } });
      expect(await findEnd(runId)).toMatchObject({
        status: 'failed',
        calls: null,
        quarantineMachines: [],
        error: { message: expect.stringContaining('This cannot be written.') as unknown },
      });
    },
    TEST_LIMIT_MS,
  );

  test(
    'once, at the end of a run: what was refused is told of in its log, and the run ends as it did',
    async () => {
      let refusals = 0;
      rig.onRecord = () => (++refusals === 1 ? refuse('This cannot be written.')() : Promise.resolve());
      const runId = await rig.start('talker', { count: 150, characters: 1, delayMs: 0 });
      expect(await rig.result(runId)).toBe(150);
      expect(await findEnd(runId)).toMatchObject({ status: 'completed', quarantineMachines: [] });
      const told = [...rig.asked.entries]
        .filter(([key, { phase }]) => key.startsWith(runId) && phase === 'note')
        .map(([, { note }]) => note);
      expect(told).toMatchObject([{ title: 'Call log incomplete', text: expect.stringContaining('This cannot be written.') as unknown }]);
      await rig.replay(runId);
    },
    TEST_LIMIT_MS,
  );

  test(
    'at the end of a call: it tells its caller, which goes on',
    async () => {
      rig.onRecord = refuse('This cannot be written.');
      const runId = await rig.start('above_broken', { how: 'log' });
      expect(await rig.result(runId)).toMatch(/^INTERNAL: .*This cannot be written/u);
      expect(await findEnd(runId)).toMatchObject({ status: 'completed', quarantineMachines: [] });
    },
    TEST_LIMIT_MS,
  );

  test(
    'before a continuation: the run ends with that, and its machines are quarantined',
    async () => {
      rig.onRecord = refuse('This cannot be written.');
      const runId = await rig.start('talker', { count: 180, characters: 900, delayMs: 1 }, { historyBudgetEvents: BUDGET_EVENTS });
      await expect(rig.result(runId)).rejects.toMatchObject({ cause: { type: 'INTERNAL' } });
      expect(await findEnd(runId)).toMatchObject({
        status: 'failed',
        quarantineMachines: ALL_MACHINES,
        error: { message: expect.stringMatching(/This cannot be written.*Its cleanups did not run/u) as unknown },
      });
    },
    TEST_LIMIT_MS,
  );
});

test(
  'the end of a run is refused: its row is closed without what may have been refused of it',
  async () => {
    rig.onFinish = ({ calls }) => (calls === null ? Promise.resolve() : refuse('This cannot be written.')());
    const runId = await rig.start('talker', { count: 3, characters: 1, delayMs: 0 });
    await expect(rig.result(runId)).rejects.toMatchObject({ cause: { type: 'INTERNAL' } });
    expect(await findEnd(runId)).toMatchObject({
      status: 'failed',
      calls: null,
      labware: [],
      error: { message: expect.stringContaining('This cannot be written.') as unknown },
    });
  },
  TEST_LIMIT_MS,
);
