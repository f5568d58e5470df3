// Rehearsals as the API has them done: real bundle, real processes, real PyLabRobot; no lab beside them.

import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Json, JsonObject } from '../domain/json/json.js';
import type { WorkcellSpec } from '../domain/workcells/workcell-spec.js';
import { checkParameters } from '../domain/protocols/parameter.js';
import type { RehearsalReport } from '../domain/rehearsal/rehearsal.js';
import type { BoundAsset } from '../domain/runs/run.js';
import { findProjectRoot } from '../platform/paths.js';
import { ensureBundle, readProtocolSources, type ProtocolSources } from '../protocols/bundling/bundle-protocols.js';
import { describeLong } from '../test/rig/test-long.js';
import { createRehearsals, REHEARSALS_AT_ONCE_MAX, type Rehearse } from './start-rehearsal.js';

const ROOT = findProjectRoot();
const FIXTURES = ['protocols', 'rehearsal'].map((name) => path.join(ROOT, 'test', 'fixtures', name));
const workcell = JSON.parse(readFileSync(path.join(ROOT, 'deploy', 'demo-workcell.json'), 'utf8')) as WorkcellSpec;
const ITEMS = new Map<string, BoundAsset>([
  ...workcell.machines.map(({ name, frontend }) => [name, { id: name, name, kind: 'machine', type: frontend }] as const),
  ...workcell.labware.map(({ name, category }) => [name, { id: name, name, kind: 'labware', type: category }] as const),
]);
const ASSETS: Readonly<Record<string, string>> = {
  ...{
    lh: 'star',
    plate: 'plate_1',
    source: 'source_1',
    dest: 'plate_2',
    samples: 'plate_1',
    tips: 'tips_1',
    tips96: 'tips_2',
    trough: 'diluent_1',
    diluent: 'diluent_1',
  },
  ...{
    largeTips1: 'large_tips_1',
    largeTips2: 'large_tips_2',
    bleach: 'bleach_1',
    water1: 'water_1',
    water2: 'water_2',
    buffer: 'buffer_1',
  },
  ...{
    reader: 'reader',
    readerA: 'reader',
    readerB: 'incubating_reader',
    heaterShaker: 'heater_shaker',
    scanner: 'scanner',
    plate10: 'source_1',
  },
  ...Object.fromEntries(Array.from({ length: 9 }, (_, index) => [`plate${index + 1}`, `plate_${index + 1}`])),
};
const STANDALONE = { reader: 'incubating_reader', plate: 'growth_plate' };

let home: string;
let env: NodeJS.ProcessEnv;
let sources: ProtocolSources;
let rehearse: Rehearse;

beforeAll(async () => {
  home = mkdtempSync(path.join(tmpdir(), 'praxis-rehearsed-'));
  sources = await readProtocolSources(FIXTURES);
  await ensureBundle(home, sources);
  env = { ...process.env, PRAXIS_HOME: home };
  rehearse = createRehearsals({ env });
});
afterAll(() => {
  rmSync(home, { recursive: true, force: true });
});

interface Given {
  readonly parameters?: JsonObject;
  readonly assets?: Readonly<Record<string, string>>;
  readonly answers?: readonly Json[];
  readonly with?: Rehearse;
  readonly signal?: AbortSignal;
}

function tryOut(
  protocol: string,
  { parameters = {}, assets = {}, answers = [], with: with_ = rehearse, signal = new AbortController().signal }: Given = {},
): Promise<RehearsalReport> {
  const definition = sources.definitions.find(({ name }) => name === protocol)!;
  const { values, problems } = checkParameters(definition.parameters, parameters);
  expect(problems).toEqual([]);
  const bound = Object.fromEntries(Object.keys(definition.assets).map((name) => [name, ITEMS.get({ ...ASSETS, ...assets }[name] ?? '')!]));
  const envelope = {
    v: 2,
    runId: 'r1',
    protocol,
    version: definition.version,
    mode: 'simulation',
    user: 'ada',
    workcell: 'star',
    parameters: values,
    assets: bound,
    fence: null,
  } as const;
  return with_({ bundle: sources.bundle, envelope, spec: workcell, answers }, signal);
}

async function proveComplete(protocol: string, commands: number, given: Given): Promise<void> {
  const report = await tryOut(protocol, given);
  expect(report.failure).toBeUndefined();
  expect(report).toMatchObject({ isOk: true, counts: { commands, failed: 0 } });
  expect(report.commands).toHaveLength(commands);
}

test.each<[string, number, Given]>([
  ['kinetic_assay', 64, { assets: STANDALONE }],
  ['read_plate', 8, {}],
  ['wash_tips96', 16, {}],
])('%s would complete with %i commands', proveComplete);

describeLong(() => {
  test.each<[string, number, Given]>([
    ['antigen_dilution_series', 202, { assets: { plate: 'plate_3' } }],
    ['hello_world', 102, {}],
    ['plate_preparation', 194, {}],
    ['plate_reader_assay', 1, { assets: STANDALONE }],
    ['selective_transfer', 16, {}],
    ['serial_dilution', 84, {}],
    ['simple_transfer', 4, {}],
  ])('%s would complete with %i commands', proveComplete);
});

test('tells what a run needs, and what each command changes', async () => {
  const report = await tryOut('serial_dilution');
  expect(report.tips).toEqual([{ rack: 'tips_1', positions: ['A1', 'B1'] }]);
  expect(report.volumes.find(({ labware }) => labware === 'diluent_1')).toEqual({
    labware: 'diluent_1',
    drawnUl: 800,
    givenUl: 0,
    lowestUl: 49_200,
    highestUl: 50_000,
  });
  expect(report.volumes.find(({ item }) => item === 'A9')).toMatchObject({ labware: 'plate_1', highestUl: 200 });
  expect(report.calls.map((call) => call.path).slice(0, 3)).toEqual([
    'serial_dilution',
    'serial_dilution/fill_diluent.1',
    'serial_dilution/mix_down.1',
  ]);
  const [pickUp, aspirate, dispense] = report.commands;
  expect(pickUp).toMatchObject({ method: 'pick_up_tips', atMs: 0, delta: { tips_1_tipspot_A1: { tip: null } } });
  expect(aspirate?.atMs).toBe(pickUp!.expectedMs);
  expect(dispense).toMatchObject({ atMs: aspirate!.atMs + aspirate!.expectedMs, delta: { plate_1_well_A2: { volumeUl: 100 } } });
  expect(report.expectedMs).toBe(report.commands.reduce((sum, { expectedMs }) => sum + expectedMs, 0));
  expect(report.warnings).toEqual(['The bridge of the workcell does not answer: the rehearsal began with fresh labware.']);
});

test('a dilution beyond the plate fails at its 25th command, at the line that gives it', async () => {
  const report = await tryOut('serial_dilution_unchecked');
  const line = findLine('protocols/serial-dilution-unchecked.protocol.ts', 'lh.dispense(plate.wells(`A${k + 1}`), diluentUl)');
  expect(report).toMatchObject({
    isOk: false,
    counts: { commands: 26, failed: 1 },
    failure: {
      code: 'LABWARE_NOT_FOUND',
      message: "star.dispense: plate_1 has no position 'A13'; it has 8 rows and 12 columns.",
      callPath: 'serial_dilution_unchecked',
      command: { id: 'r1/serial_dilution_unchecked/25/0', method: 'dispense' },
      place: { file: path.join(FIXTURES[0]!, 'serial-dilution-unchecked.protocol.ts'), line },
    },
  });
  expect(report.commands.at(-1)).toMatchObject({ method: 'discard_tips', status: 'completed' });
});

test('the thirteenth pair names the tip column that is missing', async () => {
  const parameters = {
    sourceWells: Array.from({ length: 13 }, () => 'A1'),
    destWells: Array.from({ length: 13 }, () => 'B2'),
    volumeUl: 10,
  };
  const { counts, failure } = await tryOut('simple_transfer', { parameters });
  expect(counts).toMatchObject({ commands: 48, failed: 0 });
  expect(failure).toMatchObject({
    code: 'LABWARE_NOT_FOUND',
    message: 'There is no position A13 on tips_1, which has 8 rows and 12 columns: no column 13.',
  });
  const line = findLine('../../protocols/library/simple-transfer.protocol.ts', 'tips.spots(');
  expect(failure?.place).toEqual({ file: 'protocols/library/simple-transfer.protocol.ts', line });
});

test('side by side overlaps, and a pool of two lets the third wait', async () => {
  const { result, expectedMs, failure } = await tryOut('side_by_side');
  expect(failure).toBeUndefined();
  const { parallelMs, uses } = result as { parallelMs: number; uses: string[] };
  const [first, second, third] = uses.map((use) => Number(use.split(' ')[2]));
  expect(uses.map((use) => use.split(' ')[1])).toEqual(['reader', 'incubating_reader', 'reader']);
  expect(second).toBe(first);
  expect(third).toBe(2 * first!);
  // Of the slower branch: two commands of one reader, each as long as one of the pool.
  expect(parallelMs).toBe(2 * first!);
  expect(expectedMs).toBe(parallelMs + third!);
});

test('all that a run offers works on the virtual clock', async () => {
  const report = await tryOut('all_of_run', { answers: [false, 'second'] });
  expect(report.failure).toBeUndefined();
  expect(report.result).toMatchObject({
    sum: 6,
    isBroken: true,
    answers: { confirm: false, choose: 'second', number: 3, text: 'rehearsal', form: { count: 4 }, move: true, refill: true },
    inner: 42,
    state: { seen: 42 },
    calculated: 42,
    chance: true,
    isClockVirtual: true,
  });
  const { turns, tookMs } = report.result as { turns: number; tookMs: number };
  expect(tookMs).toBe(report.expectedMs);
  // Five minutes, two turns of 90 s, two sections one after the other, one minute.
  expect({ turns, tookMs }).toEqual({ turns: 2, tookMs: (5 * 60 + 2 * 90 + 2 * 10 + 60) * 1_000 });
  expect(report.questions.map(({ kind, isAssumed }) => `${kind} ${isAssumed}`)).toEqual([
    'confirm false',
    'choose false',
    'number true',
    'text true',
    'form true',
    'manual-move true',
    'refill true',
  ]);
  const missed =
    'run.every in all_of_run left out the last 1 of its 3 turns: they fell into a pause, or the turn before them took too long.';
  expect(report.notes).toEqual([
    { callPath: 'all_of_run', title: 'Turns of a clock were missed', text: missed },
    { callPath: 'all_of_run', title: 'Over', text: 'cleanup' },
  ]);
  expect(report.data).toEqual([{ callPath: 'all_of_run', name: 'figures', count: 1 }]);
  expect(report.calls.map(({ path: callPath, kind }) => `${callPath} ${kind}`)).toEqual([
    'all_of_run run',
    'all_of_run/child_of_all.1 child',
    'all_of_run/double.1 activity',
  ]);
  expect(report.warnings.join('\n')).toMatch(/leaves turns out[^]*time window 'lysis' takes 60 s[^]*'How many\?' was answered with 3/u);
});

test('an error in one branch ends the others, and comes out after their cleanups', async () => {
  const report = await tryOut('failing_branch');
  expect(report.failure).toMatchObject({
    code: 'PROTOCOL_ERROR',
    message: 'Error: given up',
    place: { line: findLine('rehearsal/rehearsal.protocol.ts', "new Error('given up')") },
  });
  expect(report.commands.map(({ method }) => method)).toEqual(['open', 'close']);
  expect(report.expectedMs).toBeLessThan(60_000);
});

test('a shared machine is commanded inside a section only', async () => {
  const { failure, commands } = await tryOut('outside_section');
  expect(failure).toMatchObject({ code: 'PROTOCOL_ERROR', message: 'reader is shared between runs; command it inside run.use only.' });
  expect(failure?.place).toEqual({
    file: path.join(FIXTURES[1]!, 'rehearsal.protocol.ts'),
    line: findLine('rehearsal/rehearsal.protocol.ts', 'await reader.close(); // not held'),
  });
  expect(commands.map(({ method }) => method)).toEqual(['open']);
});

test('a forgotten await is told with its line, and nothing moves', async () => {
  const { failure, commands } = await tryOut('forgotten_await');
  expect(failure).toMatchObject({
    code: 'PROTOCOL_ERROR',
    message: expect.stringMatching(/reader\.open.* was not awaited before .*reader\.close/u) as string,
    place: { line: findLine('rehearsal/rehearsal.protocol.ts', 'reader.open(); // not awaited') },
  });
  expect(commands).toEqual([]);
});

test('a protocol that remembers too much is told so', async () => {
  expect((await tryOut('too_much_to_remember')).failure).toMatchObject({
    code: 'LEDGER_FULL',
    place: { line: findLine('rehearsal/rehearsal.protocol.ts', 'k < 5_000') },
  });
});

test('a promise that nobody keeps is told as what it is', async () => {
  expect((await tryOut('never_comes')).failure).toMatchObject({
    code: 'PROTOCOL_ERROR',
    message: expect.stringContaining('never comes') as string,
  });
});

test('code without an end is told with its place', async () => {
  expect((await tryOut('without_end')).failure).toMatchObject({
    code: 'PROTOCOL_ERROR',
    message: expect.stringContaining('20 million steps') as string,
    place: { line: findLine('rehearsal/rehearsal.protocol.ts', 'k < 0') },
  });
});

test('what nobody can count is ended', async () => {
  await expect(tryOut('without_answer', { with: createRehearsals({ env, limitMs: 2_000 }) })).rejects.toMatchObject({
    code: 'REHEARSAL_TOO_LONG',
  });
});

test('more than the machine should bear is refused, who goes away stops it, and nothing is left behind', async () => {
  const before = listFolders();
  const gone = new AbortController();
  const first = tryOut('without_answer', { signal: gone.signal });
  const ended = expect(first).rejects.toMatchObject({ code: 'REHEARSAL_FAILED' });
  const others = Array.from({ length: REHEARSALS_AT_ONCE_MAX - 1 }, () => tryOut('simple_transfer'));
  await expect(tryOut('simple_transfer')).rejects.toMatchObject({ code: 'TOO_MANY_REHEARSALS' });
  // Not before its processes are there.
  await Promise.all(others);
  gone.abort(new Error('nobody listens'));
  await ended;
  expect((await Promise.all(others)).map(({ isOk }) => isOk)).toEqual(others.map(() => true));
  expect((await tryOut('simple_transfer')).isOk).toBe(true);
  expect(listFolders()).toEqual(before);
});

function listFolders(): string[] {
  return readdirSync(tmpdir()).filter((name) => name.startsWith('praxis-rehearsal-'));
}

/** Line of the first mention in a file of the fixtures. */
function findLine(file: string, text: string): number {
  const lines = readFileSync(path.join(ROOT, 'test', 'fixtures', file), 'utf8').split('\n');
  return lines.findIndex((line) => line.includes(text)) + 1;
}

async function proveWordsLimited(what: string, limitBytes: number, said: string): Promise<void> {
  expect((await tryOut('long_words', { parameters: { what, bytes: limitBytes - 100 } })).failure).toBeUndefined();
  const { failure } = await tryOut('long_words', { parameters: { what, bytes: limitBytes } });
  expect(failure).toMatchObject({
    code: 'VALUE_TOO_LARGE',
    message: expect.stringMatching(`^${said} has \\d+ bytes; the limit is ${limitBytes}\\.`) as string,
  });
}

test.each([['details', 64 * 1024, 'A question with its choices, fields and details']])(
  '%s of more than %i bytes are refused by name',
  proveWordsLimited,
);

describeLong(() => {
  test.each([
    ['question', 16 * 1024, 'The text of a question'],
    ['title', 1024, 'The title of a note'],
    ['note', 16 * 1024, 'The text of a note'],
  ])('a %s of more than %i bytes is refused by name', proveWordsLimited);
});
