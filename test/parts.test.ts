// Blocks, sections and pools, as the engine asks for them on a real Temporal.

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { ApplicationFailure } from '@temporalio/activity';
import type { EngineRig } from './rig/engine-rig.js';
import { startEngine } from './rig/start-engine.js';
import { waitFor } from './rig/start-lab.js';

let rig: EngineRig;

beforeAll(async () => {
  rig = await startEngine();
}, 240_000);
afterAll(() => rig?.end());

const listCommands = (runId: string) => rig.asked.commands.filter((command) => command.runId === runId);

describe('a block', () => {
  test('travels in portions, each command with an id of its own', async () => {
    const runId = await rig.start('blocks', { count: 700 });
    expect(await rig.result(runId)).toBe(700);
    expect(listCommands(runId).map(({ id }) => id)).toEqual(Array.from({ length: 701 }, (_, k) => `${runId}/blocks/${k + 1}/0`));
  });

  test('that is stopped by a hold goes on from there', async () => {
    rig.holdBlockAt = 5;
    const runId = await rig.start('blocks', { count: 10 });
    await waitFor('the hold', () => Promise.resolve(listCommands(runId).length === 4));
    rig.holdBlockAt = undefined;
    expect(await rig.result(runId)).toBe(10);
    expect(listCommands(runId).map(({ n }) => n)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]);
  });
});

describe('sections', () => {
  test('hold what they name, one after the other, also for children; side by side is no nesting', async () => {
    const runId = await rig.start('sections', { how: 'right' });
    expect(await rig.result(runId)).toBe('right');
    expect(listCommands(runId).map(({ machine, method, fence }) => `${machine}.${method} ${fence}`)).toEqual([
      'reader.open 2',
      'reader.open 2',
      'star.return_tips 1',
    ]);
    expect(new Set(rig.asked.uses)).toEqual(new Set(['sections(1.1){1}', 'sections(1.2){1}']));
    expect(rig.asked.inUse.size).toBe(0);
  });

  test.each([
    ['outside', /inside run\.use only/u],
    ['nested', /run\.use inside run\.use/u],
  ])('used wrongly: %s', async (how, message) => {
    const runId = await rig.start('sections', { how });
    await expect(rig.result(runId)).rejects.toMatchObject({
      cause: { type: 'PROTOCOL_ERROR', message: expect.stringMatching(message) as unknown },
    });
    expect(rig.asked.inUse.size).toBe(0);
  });

  test.each([0, 400])(
    'end with their call when their code is left over, also where the claim is granted after that (%i ms)',
    async (claimDelayMs) => {
      rig.claimDelayMs = claimDelayMs;
      const runId = await rig.start('sections', { how: 'left_over' });
      await expect(rig.result(runId)).rejects.toMatchObject({ cause: { type: 'TIP_MISSING' } });
      expect(rig.asked.inUse.size).toBe(0);
      if (claimDelayMs > 0) expect(listCommands(runId).map(({ machine }) => machine)).toEqual(['star']);
      rig.claimDelayMs = 0;
    },
  );
});

describe('a cleanup that fails', () => {
  beforeAll(() => {
    rig.onCommand = ({ method }) =>
      method === 'close' || method === 'discard_tips'
        ? Promise.reject(ApplicationFailure.nonRetryable('cannot', 'MACHINE_ERROR'))
        : Promise.resolve(null);
  });
  afterAll(() => {
    rig.onCommand = () => Promise.resolve(null);
  });

  test.each([
    ['inside', undefined],
    ['called', undefined],
    ['called', 60],
  ])('in a section (%s, budget %s) leaves in doubt what that holds, and not what another held before', async (how, historyBudgetEvents) => {
    const runId = await rig.start(
      'untidy_sections',
      { how, strokes: historyBudgetEvents === undefined ? 0 : 30 },
      historyBudgetEvents === undefined ? {} : { historyBudgetEvents },
    );
    await rig.result(runId).catch(() => undefined);
    expect(rig.asked.doubts.filter((each) => each.runId === runId)).toEqual([
      { runId, useId: 'untidy_sections{2}', doubt: expect.stringContaining("Cleanup 'close' failed: MACHINE_ERROR") as unknown },
    ]);
  });

  test('outside of any section leaves none of them in doubt', async () => {
    const runId = await rig.start('untidy_sections', { how: 'after' });
    await rig.result(runId).catch(() => undefined);
    expect(rig.asked.released.filter((useId) => useId.startsWith('untidy_sections'))).not.toEqual([]);
    expect(rig.asked.doubts.filter((each) => each.runId === runId)).toEqual([]);
  });
});

describe('a pool', () => {
  test('hands each member to one at a time, also over continuations', async () => {
    const runId = await rig.start('pools', {}, { historyBudgetEvents: 60 });
    const { most, names } = (await rig.result(runId)) as { most: number; names: string[] };
    expect(most).toBe(2);
    expect(names).toHaveLength(12);
    expect(new Set(names)).toEqual(new Set(['star', 'other']));
    const ids = listCommands(runId).map(({ id }) => id);
    expect(new Set(ids).size).toBe(24);
    expect(ids).toHaveLength(24);
    expect(await rig.countExecutions(runId)).toBeGreaterThan(1);
  });

  test('of a circle is refused with the lines that wait and hold; pools taken in one order are no circle', async () => {
    const failures = new Map<string, string>();
    for (const how of ['circle', 'twice']) {
      const runId = await rig.start('pool_circle', { how });
      const failure = (await rig.result(runId).catch((error: unknown) => error)) as { cause: { type: string; message: string } };
      expect(failure.cause.type).toBe('PROTOCOL_ERROR');
      failures.set(how, failure.cause.message);
      await rig.replay(runId);
    }
    const line = String.raw`machines\.protocol\.ts:\d+:\d+`;
    expect(failures.get('circle')).toMatch(
      new RegExp(`^Pools wait for each other in a circle: .*${line}.*held by run\\.pool at .*${line}, where .*waited for .*${line}`, 'u'),
    );
    expect(failures.get('twice')).toMatch(new RegExp(`star is waited for .*${line}.*held by run\\.pool at .*${line}`, 'u'));
    const inOrder = await rig.start('pool_circle', { how: 'order' });
    expect(await rig.result(inOrder)).toEqual(['other', 'other', 'other']);
  });

  test('whose member fails ends its run with the error', async () => {
    rig.onCommand = (request) => {
      if (request.machine === 'other' && request.method === 'pick_up_tips') throw ApplicationFailure.nonRetryable('no tip', 'TIP_MISSING');
      return Promise.resolve(null);
    };
    const runId = await rig.start('pools', {});
    await expect(rig.result(runId)).rejects.toMatchObject({ cause: { type: 'TIP_MISSING' } });
    rig.onCommand = () => Promise.resolve(null);
  });
});
