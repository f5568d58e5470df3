// A run that has failed leaves what it had done with its end: another run goes on from it although nobody executes its source
// any more.

import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { ApplicationFailure } from '@temporalio/activity';
import { connectTemporal, type TemporalClient } from '../api/temporal-client.js';
import { toFixtureEntry } from './rig/fixture-entry.js';
import { startEngine, type EngineRig } from './rig/start-engine.js';

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

const listMethods = (runId: string): string[] => rig.asked.commands.filter((command) => command.runId === runId).map(({ method }) => method);

test('it is continued from the call that failed, and what was done before is not done again', async () => {
  rig.onCommand = ({ method }) => (method === 'drop_tips' ? Promise.reject(ApplicationFailure.nonRetryable('jammed', 'MACHINE_ERROR')) : Promise.resolve(null));
  const failed = await rig.start('two_parts', {});
  await expect(rig.result(failed)).rejects.toMatchObject({ cause: { type: 'MACHINE_ERROR' } });
  rig.onCommand = () => Promise.resolve(null);
  await rig.stopWorkers('workflows');
  const elsewhere = await api.queryLedger(failed, 'two_parts/drop_part.7');
  expect(elsewhere).toEqual({ outcome: 'elsewhere', choices: ['two_parts/pick_part.1', 'two_parts/drop_part.1'] });
  const answer = await api.queryLedger(failed, 'two_parts/drop_part.1');
  expect(answer).toMatchObject({ outcome: 'found' });
  await rig.startWorkers('workflows');
  const mended = await rig.start('two_parts', {}, { continues: { runId: failed, ledger: answer.outcome === 'found' ? answer.ledger : null } });
  expect(await rig.result(mended)).toBe('40000 dropped');
  expect(listMethods(mended)).toEqual(['drop_tips']);
});
