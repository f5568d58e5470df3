// Every protocol of the library on the demonstration workcell: a real bridge with real PyLabRobot, no Temporal. Proves the
// commands each sends, what it refuses before anything moves, and what its cleanups leave behind.

import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { Json, JsonObject } from '../domain/json/json.js';
import type { WorkcellSpec } from '../domain/workcells/workcell-spec.js';
import { findProjectRoot } from '../platform/paths.js';
import { antigenDilutionSeries } from '../protocols/library/antigen-dilution-series.protocol.js';
import { helloWorld } from '../protocols/library/hello-world.protocol.js';
import { kineticAssay } from '../protocols/library/kinetic-assay.protocol.js';
import { platePreparation } from '../protocols/library/plate-preparation.protocol.js';
import { plateReaderAssay } from '../protocols/library/plate-reader-assay.protocol.js';
import { readPlate } from '../protocols/library/read-plate.protocol.js';
import { selectiveTransfer } from '../protocols/library/selective-transfer.protocol.js';
import { serialDilution } from '../protocols/library/serial-dilution.protocol.js';
import { simpleTransfer } from '../protocols/library/simple-transfer.protocol.js';
import { washTips96 } from '../protocols/library/wash-tips96.protocol.js';
import type { AnyProtocolFunction } from '../protocols/sdk/protocol-function.js';
import { serialDilutionUnchecked } from './fixtures/protocols/serial-dilution-unchecked.protocol.js';
import type { MemoryRecord } from './rig/memory-world.js';
import { runInMemory } from './rig/run-in-memory.js';
import { startTestBridge, type TestBridge } from './rig/start-test-bridge.js';

const workcell = JSON.parse(readFileSync(path.join(findProjectRoot(), 'deploy', 'demo-workcell.json'), 'utf8')) as WorkcellSpec;
const labware = workcell.labware.map(({ name }) => name);
const ASSETS: Readonly<Record<string, string>> = {
  lh: 'star',
  plate: 'plate_1',
  source: 'source_1',
  dest: 'plate_2',
  samples: 'plate_1',
  tips: 'tips_1',
  tips96: 'tips_2',
  trough: 'diluent_1',
  diluent: 'diluent_1',
  largeTips1: 'large_tips_1',
  largeTips2: 'large_tips_2',
  bleach: 'bleach_1',
  water1: 'water_1',
  water2: 'water_2',
  buffer: 'buffer_1',
  reader: 'reader',
  heaterShaker: 'heater_shaker',
  ...Object.fromEntries(Array.from({ length: 9 }, (_, index) => [`plate${index + 1}`, `plate_${index + 1}`])),
  plate10: 'source_1',
};
const STANDALONE = { reader: 'incubating_reader', plate: 'growth_plate' };

let bridge: TestBridge;
let runs = 0;

beforeAll(async () => {
  bridge = await startTestBridge(workcell);
});
afterAll(async () => {
  await bridge.stop();
});

interface Given {
  readonly parameters?: JsonObject;
  readonly assets?: Readonly<Record<string, string>>;
  readonly answers?: readonly Json[];
}

/** Each run finds fresh labware. */
async function runFresh(protocol: unknown, { parameters = {}, assets = {}, answers = [] }: Given = {}): Promise<MemoryRecord> {
  const runId = `run-${++runs}`;
  await bridge.client.request('labware.replace', { requestId: `${runId}/fresh`, runId: null, labware, fence: 1 });
  const options = { client: bridge.client, runId, parameters, assets: { ...ASSETS, ...assets }, answers };
  return runInMemory(protocol as AnyProtocolFunction, options);
}

async function readState(): Promise<Readonly<Record<string, JsonObject>>> {
  return (await bridge.client.request('state.read', {})).resources as Readonly<Record<string, JsonObject>>;
}

async function readVolumes(wells: readonly string[]): Promise<Json[]> {
  const state = await readState();
  return wells.map((well) => state[well]?.['volumeUl'] ?? null);
}

function summarise({ error, commands }: MemoryRecord): JsonObject {
  return { code: error?.code ?? null, completed: commands.filter(({ status }) => status === 'completed').length, all: commands.length };
}

const done = (all: number): JsonObject => ({ code: null, completed: all, all });

async function expectEmptyHands(): Promise<void> {
  expect((await readState())['star']).toMatchObject({ head: {}, head96: {}, gripped: null });
}

afterEach(expectEmptyHands);

test.each<[string, unknown, Given, number]>([
  ['serial_dilution', serialDilution, {}, 84],
  ['serial_dilution to the end of the row', serialDilution, { parameters: { numDilutions: 11 } }, 114],
  ['simple_transfer', simpleTransfer, {}, 4],
  ['simple_transfer of twelve pairs', simpleTransfer, { parameters: { sourceWells: 'A1:A12', destWells: 'B1:B12' } }, 48],
  ['selective_transfer', selectiveTransfer, {}, 16],
  ['plate_preparation', platePreparation, {}, 194],
  ['plate_preparation in a checkerboard', platePreparation, { parameters: { pattern: 'checkerboard' } }, 98],
  ['plate_preparation of two columns', platePreparation, { parameters: { pattern: 'columns', columns: [2, 12] } }, 34],
  ['plate_preparation of one row', platePreparation, { parameters: { pattern: 'rows', rows: ['C'] } }, 26],
  ['hello_world', helloWorld, {}, 102],
  ['wash_tips96', washTips96, {}, 16],
])('%s sends its commands and nothing else', async (_name, protocol, given, commands) => {
  expect(summarise(await runFresh(protocol, given))).toEqual(done(commands));
});

test('a whole plate is transferred by 96 calls, each with four commands', async () => {
  const record = await runFresh(selectiveTransfer, {
    parameters: { sourceWells: 'A1:H12', destWells: 'A1:H12' },
    assets: { dest: 'plate_4' },
  });
  expect(summarise(record)).toEqual(done(384));
  expect(record.calls.filter(({ kind, status }) => kind === 'child' && status === 'completed')).toHaveLength(96);
  expect(record.commands.slice(-4).map(({ callPath }) => callPath)).toEqual(
    Array.from({ length: 4 }, () => 'selective_transfer/transfer_well.96'),
  );
  expect(await readVolumes(['source_1_well_H12', 'plate_4_well_H12'])).toEqual([150, 50]);
});

test('the letters are drawn column by column, with the channels of their rows', async () => {
  const { commands } = await runFresh(helloWorld);
  const wells = commands
    .filter(({ method }) => method === 'dispense')
    .slice(0, 3)
    .map(({ arguments: given }) => given['use_channels']);
  expect(wells).toEqual([[0, 1, 2, 3, 4, 5, 6, 7], [3], [3]]);
  expect(await readVolumes(['plate_1_well_D6', 'plate_1_well_A6', 'plate_3_well_H8'])).toEqual([50, 0, 50]);
});

test.each<[string, unknown, Given, string]>([
  ['pairs of unequal number', simpleTransfer, { parameters: { sourceWells: 'A1,A2' } }, 'PARAMETER_RANGE'],
  ['chosen wells of unequal number', selectiveTransfer, { parameters: { destWells: 'A1:A3' } }, 'PARAMETER_RANGE'],
  ['columns for another pattern', platePreparation, { parameters: { columns: [1] } }, 'PARAMETER_RANGE'],
  ['the pattern columns without columns', platePreparation, { parameters: { pattern: 'columns' } }, 'PARAMETER_RANGE'],
  ['the pattern rows without rows', platePreparation, { parameters: { pattern: 'rows', columns: [1] } }, 'PARAMETER_RANGE'],
  ['a thirteenth column', serialDilution, { parameters: { numDilutions: 12 } }, 'PARAMETER_RANGE'],
  ['samples without factors', antigenDilutionSeries, { parameters: { factors: [2] } }, 'PARAMETER_RANGE'],
  [
    'transfers too small to pipette',
    antigenDilutionSeries,
    { parameters: { sampleIds: ['a', 'b'], volumesUl: [1, 300], factors: [1.2, 100] } },
    'PARAMETER_RANGE',
  ],
])('%s are refused before anything moves', async (_name, protocol, given, code) => {
  const record = await runFresh(protocol, given);
  expect({ ...summarise(record), questions: record.questions.length }).toEqual({ code, completed: 0, all: 0, questions: 0 });
});

test('the thirteenth pair asks for a tip column that does not exist', async () => {
  const parameters = {
    sourceWells: Array.from({ length: 13 }, () => 'A1'),
    destWells: Array.from({ length: 13 }, () => 'B2'),
    volumeUl: 10,
  };
  expect(summarise(await runFresh(simpleTransfer, { parameters }))).toEqual({ code: 'LABWARE_NOT_FOUND', completed: 48, all: 48 });
});

test('a dilution beyond the plate fails at the 25th command and discards the full tip', async () => {
  const record = await runFresh(serialDilutionUnchecked);
  expect(record.error?.code).toBe('LABWARE_NOT_FOUND');
  expect(record.commands.map(({ status }) => status)).toEqual([...Array.from({ length: 24 }, () => 'completed'), 'failed', 'completed']);
  expect(record.commands.slice(-3).map(({ method }) => method)).toEqual(['aspirate', 'dispense', 'discard_tips']);
  const wells = Array.from({ length: 11 }, (_, k) => `plate_1_well_A${k + 2}`);
  expect(await readVolumes([...wells, 'diluent_1'])).toEqual([...wells.map(() => 100), 50_000 - 1_200]);
});

test('a washed rack of tips that are too small is refused before anything is drawn, and the tips are discarded', async () => {
  const record = await runFresh(washTips96, { assets: { largeTips1: 'tips_3' } });
  expect(record.error?.code).toBe('TOO_LITTLE_ROOM');
  expect(record.commands.map(({ method, status }) => `${method} ${status}`)).toEqual([
    'pick_up_tips96 completed',
    'aspirate96 failed',
    'discard_tips96 completed',
  ]);
});

test('a plate goes into the reader and back to its place', async () => {
  const record = await runFresh(readPlate);
  expect(summarise(record)).toEqual(done(8));
  const steps = ['open', 'pick_up_resource', 'drop_resource', 'close', 'read_absorbance', 'open', 'pick_up_resource', 'drop_resource'];
  expect(record.commands.map(({ method }) => method)).toEqual(steps);
  expect(record.result).toMatchObject({ finalLocation: 'plate_carrier:0', wells: 96 });
  expect(record.data).toHaveLength(1);
  expect((await readState())['plate_1']).toMatchObject({ parent: 'plate_carrier-0' });
});

test('a plate may end at another site', async () => {
  const away = await runFresh(readPlate, { parameters: { finalLocation: 'plate_carrier_3:4' } });
  expect(away.error).toBeUndefined();
  expect((await readState())['plate_1']).toMatchObject({ parent: 'plate_carrier_3-4' });
  expect((await runFresh(readPlate)).error).toBeUndefined();
  expect((await readState())['plate_1']).toMatchObject({ parent: 'plate_carrier-0' });
});

test.each([
  ['absorbance', 'read_absorbance'],
  ['fluorescence', 'read_fluorescence'],
])('one read of %s is one command', async (kind, method) => {
  const record = await runFresh(plateReaderAssay, { parameters: { kind, wells: 'A1:B12' }, assets: STANDALONE });
  expect(record.commands.map((command) => command.method)).toEqual([method]);
  expect(record.result).toMatchObject({ kind, wells: 24 });
  expect(record.data.map(({ name }) => name)).toEqual([kind]);
});

test('kinetics: a read for each interval, warmth and shaking ended however the run ends', async () => {
  const parameters = { interval: '10 s', duration: '10 min' };
  const record = await runFresh(kineticAssay, { parameters, assets: STANDALONE });
  expect(summarise(record)).toEqual(done(64));
  expect(record.commands.slice(0, 2).map(({ method }) => method)).toEqual(['set_temperature', 'shake']);
  expect(record.commands.slice(-2).map(({ method }) => method)).toEqual(['stop_shaking', 'deactivate']);
  expect(record.data).toHaveLength(60);
  expect(record.result).toMatchObject({ reads: 60, missed: 0, growth: { points: 60 } });
  const failed = await runFresh(kineticAssay, { parameters, assets: { ...STANDALONE, plate: 'plate_5', reader: 'reader' } });
  expect(failed.error).toBeDefined();
  expect(failed.commands.slice(-2).map(({ method, status }) => `${method} ${status}`)).toEqual([
    'stop_shaking completed',
    'deactivate completed',
  ]);
});

test('without shaking nothing shakes', async () => {
  const record = await runFresh(kineticAssay, { parameters: { interval: '1 min', duration: '2 min', shake: false }, assets: STANDALONE });
  expect(record.commands.map(({ method }) => method)).toEqual(['set_temperature', 'read_absorbance', 'read_absorbance', 'deactivate']);
});

test('the plan that was shown is carried out after yes', async () => {
  const record = await runFresh(antigenDilutionSeries, { answers: [true], assets: { plate: 'plate_3' } });
  // Four for the buffer; for each of three samples two for the tip and eight for each of eight wells.
  expect(summarise(record)).toEqual(done(4 + 3 * (2 + 8 * 8)));
  const plan = record.questions[0]?.details;
  expect(record.result).toEqual({ plan, done: true });
  expect(plan).toMatchObject({
    bufferUl: 50,
    samples: [{ id: 'S1', from: 'A1', transferUl: 50 }, { transferUl: 50 }, { id: 'S3', transferUl: 12.5 }],
  });
  expect(record.calls.map(({ path: callPath }) => callPath)).toContain('antigen_dilution_series/dilute_sample.3/dilute_well.8');
  expect(await readVolumes(['plate_3_well_A1', 'plate_3_well_A2', 'plate_3_well_H2', 'plate_3_well_H4'])).toEqual([50, 50, 100, 62.5]);
});

test('after no nothing has moved, and the plan is the result', async () => {
  const record = await runFresh(antigenDilutionSeries, { answers: [false] });
  expect(summarise(record)).toEqual(done(0));
  expect(record.result).toEqual({ plan: record.questions[0]?.details, done: false });
});
