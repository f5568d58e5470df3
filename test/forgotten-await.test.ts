// A forgotten await moves nothing: the run ends with an error that names the line, and its cleanups have run. What only looks
// like one does not trip it.

import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { FinishRequest } from '../activities/activity-types.js';
import { toFixtureEntry } from './rig/fixture-entry.js';
import type { EngineRig } from './rig/engine-rig.js';
import { startEngine } from './rig/start-engine.js';
import { waitFor } from './rig/start-lab.js';

const TEST_LIMIT_MS = 20_000;

let rig: EngineRig;

beforeAll(async () => {
  rig = await startEngine({
    entry: toFixtureEntry('test/fixtures/engine/promises.protocol.ts'),
  });
}, 240_000);
afterAll(() => rig?.end());

const AT = String.raw`\(test/fixtures/engine/promises\.protocol\.ts:\d+:\d+\)`;

test.each([
  ['first', `star\\.pick_up_tips ${AT} was not awaited before star\\.drop_tips ${AT}`],
  ['middle', `star\\.pick_up_tips ${AT} was not awaited before star\\.pick_up_tips ${AT}`],
  ['last', `star\\.drop_tips ${AT} was not awaited before the end of forgetful`],
  ['delay', `run\\.delay ${AT} was not awaited before star\\.drop_tips ${AT}`],
  ['confirm', `run\\.ask\\.confirm ${AT} was not awaited before the end of forgetful`],
  ['for-each', `star\\.(?:pick_up|drop)_tips ${AT} was asked for while star\\.(?:pick_up|drop)_tips ${AT} was under way at star`],
  ['for-each-last', `star\\.pick_up_tips ${AT} was not awaited before the end of forgetful`],
  ['map', `star\\.drop_tips ${AT} was not awaited before star\\.drop_tips ${AT}`],
  ['call', `nested ${AT} was not awaited before run\\.delay ${AT}`],
  ['each', `run\\.each ${AT} was not awaited before run\\.delay ${AT}`],
  ['parallel', `run\\.parallel ${AT} was not awaited before run\\.delay ${AT}`],
  ['all', `Promise\\.all ${AT} was not awaited before run\\.delay ${AT}`],
  ['then', `star\\.drop_tips ${AT} was not awaited before the end of forgetful`],
  ['begin', `run\\.begin ${AT} was not awaited before the end of forgetful`],
  ['branch', `star\\.drop_tips ${AT} was not awaited before run\\.delay ${AT}`],
  ['block', `run\\.block ${AT} was not awaited before run\\.delay ${AT}`],
])(
  'forgotten: %s',
  async (how, told) => {
    const runId = await rig.start('forgetful', { how });
    await expect(rig.result(runId)).rejects.toMatchObject({ cause: { type: 'PROTOCOL_ERROR' } });
    const { status, error, quarantineMachines } = await findEnd(runId);
    expect([status, error?.code, error?.message, quarantineMachines]).toEqual([
      'failed',
      'PROTOCOL_ERROR',
      expect.stringMatching(new RegExp(told, 'u')),
      [],
    ]);
    expect(error?.remedy).toContain(how.startsWith('for-each') && how !== 'for-each-last' ? 'run.parallel' : 'run.begin');
    expect(listMethods(runId)).toEqual(['discard_tips', 'return_tips']);
  },
  TEST_LIMIT_MS,
);

test(
  'a rejection that nobody holds ends the call at once, like any other error',
  async () => {
    const runId = await rig.start('forgetful', { how: 'detached' });
    await expect(rig.result(runId)).rejects.toMatchObject({ cause: { type: 'TIP_MISSING' } });
    expect(listMethods(runId)).toEqual(['discard_tips', 'return_tips']);
  },
  TEST_LIMIT_MS,
);

test(
  'forgotten in a cleanup: it moves nothing, the other cleanups run, and the machines are looked at',
  async () => {
    const runId = await rig.start('forgetful', { how: 'cleanup' });
    await expect(rig.result(runId)).rejects.toMatchObject({ message: expect.anything() });
    const { status, error, quarantineMachines } = await findEnd(runId);
    expect([status, error?.message]).toEqual([
      'failed',
      expect.stringMatching(/'careless' failed: PROTOCOL_ERROR: star\.drop_tips .* was not awaited/u),
    ]);
    expect(quarantineMachines).toContain('star');
    expect(listMethods(runId)).toEqual(['discard_tips']);
  },
  TEST_LIMIT_MS,
);

test.each([
  [1_500, 1],
  [60, 60],
])(
  'with a history of %i events every right way to work side by side completes',
  async (historyBudgetEvents, count) => {
    const runId = await rig.start('careful', { count }, { historyBudgetEvents });
    expect(await rig.result(runId)).toEqual(['then', 'finally', 'later', 'TIP_MISSING', '1']);
    if (count > 1) expect(await rig.countExecutions(runId)).toBeGreaterThan(1);
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
