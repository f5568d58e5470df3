// A run that has failed leaves what it had done with its end: another run goes on from it although nobody executes its source
// any more.

import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { ApplicationFailure } from '@temporalio/activity';
import { connectTemporal, type TemporalClient } from '../api/temporal/temporal-client.js';
import { toFixtureEntry } from './rig/fixture-entry.js';
import type { EngineRig } from './rig/engine-rig.js';
import { startEngine } from './rig/start-engine.js';
import { waitFor } from './rig/start-lab.js';

const BUDGET_EVENTS = 60;
const STROKES = 60;

let rig: EngineRig;
let api: TemporalClient;

beforeAll(async () => {
  rig = await startEngine({
    entry: toFixtureEntry('test/fixtures/engine/sizes.protocol.ts'),
  });
  api = connectTemporal(rig.place);
}, 240_000);
afterAll(async () => {
  await api?.close();
  await rig?.end();
});

const listMethods = (runId: string): string[] =>
  rig.asked.commands.filter((command) => command.runId === runId).map(({ method }) => method);

test('it is continued from the call that failed, and what was done before is not done again', async () => {
  rig.onCommand = ({ method }) =>
    method === 'drop_tips' ? Promise.reject(ApplicationFailure.nonRetryable('jammed', 'MACHINE_ERROR')) : Promise.resolve(null);
  const failed = await rig.start('two_parts', {});
  await expect(rig.result(failed)).rejects.toMatchObject({ cause: { type: 'MACHINE_ERROR' } });
  rig.onCommand = () => Promise.resolve(null);
  await rig.stopWorkers('workflows');
  const elsewhere = await api.queryLedger(failed, 'two_parts/drop_part.7');
  expect(elsewhere).toEqual({ outcome: 'elsewhere', choices: ['two_parts/pick_part.1', 'two_parts/drop_part.1'] });
  const answer = await api.queryLedger(failed, 'two_parts/drop_part.1');
  expect(answer).toMatchObject({ outcome: 'found' });
  await rig.startWorkers('workflows');
  const mended = await rig.start(
    'two_parts',
    {},
    { continues: { runId: failed, ledger: answer.outcome === 'found' ? answer.ledger : null } },
  );
  expect(await rig.result(mended)).toBe('40000 dropped');
  expect(listMethods(mended)).toEqual(['drop_tips']);
});

test('it waits for its machines over several histories, and then goes on as if it had not waited', async () => {
  rig.onCommand = ({ method }) =>
    method === 'drop_tips' ? Promise.reject(ApplicationFailure.nonRetryable('jammed', 'MACHINE_ERROR')) : Promise.resolve(null);
  const failed = await rig.start('two_parts', {});
  await expect(rig.result(failed)).rejects.toMatchObject({ cause: { type: 'MACHINE_ERROR' } });
  rig.onCommand = () => Promise.resolve(null);
  const answer = await api.queryLedger(failed, 'two_parts/drop_part.1');
  const before = rig.asked.reads.length;
  let fence: number | null = null;
  rig.onReserve = () => Promise.resolve(fence);
  const mended = await rig.start(
    'two_parts',
    { strokes: STROKES },
    {
      fence: null,
      historyBudgetEvents: BUDGET_EVENTS,
      continues: { runId: failed, ledger: answer.outcome === 'found' ? answer.ledger : null },
    },
  );
  const hint = () => rig.client.workflow.getHandle(mended).signal('px.assetsFreed');
  await waitFor('three histories', async () => {
    for (let k = 0; k < 10; k += 1) await hint();
    return (await rig.countExecutions(mended)) >= 3;
  });
  expect(listMethods(mended)).toEqual([]);
  const waited = await rig.countExecutions(mended);
  fence = 7;
  await hint();
  expect(await rig.result(mended)).toBe('40000 dropped');
  expect(await rig.countExecutions(mended)).toBeGreaterThan(waited + 1);
  expect(listMethods(mended)).toEqual(['drop_tips', ...Array.from({ length: STROKES }, () => 'return_tips')]);
  // While it was led back for the first time only the run that it continues had the result; from then on it has it under its own id.
  expect(new Set(rig.asked.reads.slice(before))).toEqual(new Set([failed, mended]));
  const told = [...rig.asked.entries]
    .filter(([key, { phase }]) => key.startsWith(`${mended} `) && phase === 'completed')
    .map(([, { path }]) => path);
  expect(told).toEqual(['two_parts/pick_part.1', 'two_parts/drop_part.1', 'two_parts']);
  await rig.replay(mended);
}, 120_000);
