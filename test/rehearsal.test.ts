// Rehearsals on a whole lab, by CLI and REST: the same commands as the run that follows, from the state that the lab is in,
// and no trace of them in the lab.

import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Command } from '../domain/runs/command.js';
import type { JsonObject } from '../domain/json/json.js';
import type { Page } from '../domain/json/page.js';
import type { RehearsalReport } from '../domain/rehearsal/rehearsal.js';
import type { Run } from '../domain/runs/run.js';
import { BridgeClient } from '../workcell/bridge-client.js';
import { runCli } from './rig/run-cli.js';
import { startLab, type Lab } from './rig/start-lab.js';

const KEPT = ['tips_1', 'plate_1', 'diluent_1'];

let lab: Lab;
let bridge: BridgeClient;

beforeAll(async () => {
  lab = await startLab({ protocols: ['test/fixtures/protocols'], keptAsUsed: KEPT });
  bridge = new BridgeClient((await lab.record()).bridgeSocket);
}, 240_000);
afterAll(async () => {
  bridge?.close();
  await lab?.end();
});

async function rehearse(args: readonly string[]): Promise<{ exitCode: number | null; report: RehearsalReport }> {
  const { exitCode, stdout, stderr } = await runCli(lab.env, ['rehearse', ...args, '--json']);
  if (stdout === '') throw new Error(stderr);
  return { exitCode, report: JSON.parse(stdout) as RehearsalReport };
}

/** All that a rehearsal must leave as it was. */
async function readLab(): Promise<JsonObject> {
  const { lastRow, bridgeId } = await bridge.request('hello', {});
  const { resources } = await bridge.request('state.read', {});
  const runs = await lab.get<Page<Run>>('/runs');
  const reservations = await lab.get<Page<JsonObject>>('/reservations');
  return { lastRow, bridgeId, resources, runs: runs.items.map(({ id }) => id), reservations: reservations.items };
}

const toGiven = ({
  callPath,
  machine,
  method,
  arguments: given,
}: Pick<Command, 'callPath' | 'machine' | 'method' | 'arguments'>): JsonObject => ({ callPath, machine, method, given });

test('a run gives the commands that its rehearsal told, which left no trace', async () => {
  const before = await readLab();
  const { exitCode, report } = await rehearse(['serial_dilution', '-p', 'numDilutions=3']);
  expect(await readLab()).toEqual(before);
  expect({ exitCode, isOk: report.isOk, commands: report.counts.commands, warnings: report.warnings }).toEqual({
    exitCode: 0,
    isOk: true,
    commands: 34,
    warnings: [],
  });
  // Without --full nothing is told of the deck.
  expect(report.commands.every((command) => !('delta' in command))).toBe(true);

  const { stdout } = await runCli(lab.env, ['run', 'serial_dilution', '-p', 'numDilutions=3', '--wait', '--json']);
  const run = JSON.parse(stdout) as Run;
  expect(run.status).toBe('completed');
  const { items } = await lab.get<Page<Command>>(`/runs/${run.id}/commands?limit=200`);
  expect(report.commands.map(toGiven)).toEqual(items.map(toGiven));
  expect(report.assets).toEqual(Object.fromEntries(Object.entries(run.assets).map(([name, { name: item }]) => [name, item])));
  expect(report.result).toEqual(run.result);
});

test('a rehearsal begins with what the lab has now: tips that are gone, liquid that was drawn', async () => {
  // Twelve times 100 µL, and the tip of A1 thrown away.
  expect((await runCli(lab.env, ['run', 'serial_dilution_unchecked', '--wait'])).exitCode).toBe(1);
  const { status, body } = await lab.post('/protocols/serial_dilution/rehearsals', { parameters: { numDilutions: 3 } });
  expect(status).toBe(200);
  const { isOk, failure, commands } = body as unknown as RehearsalReport;
  const { resources } = await bridge.request('state.read', {});
  expect(resources['tips_1_tipspot_A1']).toMatchObject({ tip: null });
  expect({ isOk, code: failure?.code, commands: commands.length }).toMatchObject({ isOk: false, code: 'TIP_MISSING' });
  expect(failure?.place?.file).toBe('protocols/library/serial-dilution.protocol.ts');
  for (const item of ['tips_1', 'plate_1']) expect((await runCli(lab.env, ['labware', 'replace', item])).exitCode).toBe(0);
  const { report } = await rehearse(['serial_dilution', '-p', 'numDilutions=3', '--full']);
  expect(report.volumes.find(({ labware }) => labware === 'diluent_1')).toMatchObject({ highestUl: 48_500, lowestUl: 48_200 });
  expect(report.commands.find(({ method }) => method === 'aspirate')).toMatchObject({ delta: { diluent_1: { volumeUl: 48_400 } } });
});

test('what would fail is told with its line, and the exit code says so', async () => {
  const { exitCode, stdout } = await runCli(lab.env, ['rehearse', 'serial_dilution_unchecked', '-p', 'numDilutions=12']);
  expect(exitCode).toBe(1);
  expect(stdout).toMatch(/✗ serial_dilution_unchecked 1\.0\.0 would fail on star: 26 commands/u);
  expect(stdout).toMatch(/LABWARE_NOT_FOUND: star\.dispense: plate_1 has no position 'A13'; it has 8 rows and 12 columns\./u);
  expect(stdout).toMatch(/at {7}\S+serial-dilution-unchecked\.protocol\.ts:30/u);
  const wells = Array.from({ length: 13 }, () => 'A1').join(',');
  const pairs = await runCli(lab.env, [
    'rehearse',
    'simple_transfer',
    '-p',
    `sourceWells=${wells}`,
    '-p',
    `destWells=${wells.replaceAll('A1', 'B2')}`,
    '-p',
    'volumeUl=10',
  ]);
  expect(pairs.exitCode).toBe(1);
  expect(pairs.stdout).toMatch(/no position A13 on tips_1, which has 8 rows and 12 columns: no column 13/u);
});

test('answers are given in order, and a no is a completed run', async () => {
  const { exitCode, report } = await rehearse(['antigen_dilution_series', '--answer', 'no']);
  expect({ exitCode, counts: report.counts, result: report.result }).toMatchObject({
    exitCode: 0,
    counts: { commands: 0, questions: 1 },
    result: { done: false },
  });
  expect(report.questions).toMatchObject([{ kind: 'confirm', answer: false, isAssumed: false }]);
});

test('what no run could be started with is refused as a start is', async () => {
  const refused = await runCli(lab.env, ['rehearse', 'serial_dilution', '-p', 'numDilutions=12']);
  expect({ exitCode: refused.exitCode, stderr: refused.stderr }).toEqual({
    exitCode: 2,
    stderr: expect.stringContaining('PARAMETER_RANGE'),
  });
  expect(await lab.post('/protocols/serial_dilution/rehearsals', { assets: { lh: 'nothing' } })).toMatchObject({
    status: 422,
    body: { code: 'UNKNOWN_ASSET' },
  });
  expect(await lab.post('/protocols/nothing/rehearsals', {})).toMatchObject({ status: 404, body: { code: 'PROTOCOL_NOT_FOUND' } });
  expect(await lab.post('/protocols/serial_dilution/rehearsals', { speed: 2 })).toMatchObject({
    status: 400,
    body: { code: 'INVALID_REQUEST' },
  });
});

test('without its bridge the lab still rehearses, with fresh labware, and says so', async () => {
  const { pid } = await bridge.request('hello', {});
  process.kill(pid, 'SIGSTOP');
  try {
    const { report } = await rehearse(['simple_transfer']);
    expect(report).toMatchObject({
      isOk: true,
      counts: { commands: 4 },
      warnings: ['The bridge of the workcell does not answer: the rehearsal began with fresh labware.'],
    });
  } finally {
    process.kill(pid, 'SIGCONT');
  }
});
