// The built command against the real API on real Postgres (Temporal down): exit codes, the one line on stderr, the one
// document on stdout, and a watch that outlives a restart of the API.

import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { recordCalls } from '../db/runs/call.queries.js';
import { recordAcceptance, recordLoss } from '../db/losses/journal-loss.queries.js';
import { closeRun } from '../db/runs/run-status.js';
import { checkJournals } from '../local/check-database.js';
import { findFreePorts } from '../local/free-ports.js';
import type { Run } from '../domain/runs/run.js';
import { toAcceptCommand } from '../domain/workcells/accept-command.js';
import { quarantineMachine } from '../db/assets/asset.queries.js';
import { findProjectRoot } from '../platform/paths.js';
import { runCli, type CliResult } from '../test/rig/run-cli.js';
import { serveTestApi, type TestApi } from '../test/rig/serve-test-api.js';

let api: TestApi;
let env: Readonly<Record<string, string>>;

beforeAll(async () => {
  api = await serveTestApi();
  env = { PATH: process.env['PATH'] ?? '', PRAXIS_URL: api.url };
});
afterAll(async () => {
  await api.stop();
});

const praxis = (...args: string[]): Promise<CliResult> => runCli(env, args);

async function newestRun(): Promise<Run> {
  const { body } = await api.get<{ items: Run[] }>('/api/v1/runs?limit=1');
  const [run] = body.items;
  if (run === undefined) throw new Error('there is no run');
  return run;
}

async function until(holds: () => Promise<boolean>): Promise<void> {
  for (let attempt = 0; attempt < 400; attempt += 1) {
    if (await holds()) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error('what was waited for did not come true');
}

describe('bad input', () => {
  test.each([
    ['PROTOCOL_NOT_FOUND', ['run', 'serial_dilutoin']],
    ['PARAMETER_RANGE', ['run', 'serial_dilution', '-p', 'numDilutions=12']],
    ['PARAMETER_TYPE', ['run', 'serial_dilution', '-p', 'numDilutions=eight']],
    ['UNKNOWN_PARAMETER', ['run', 'serial_dilution', '-p', 'dilutions=8']],
    ['UNKNOWN_ASSET', ['run', 'serial_dilution', '--asset', 'plate=none']],
    ['BAD_OPTION', ['run', 'serial_dilution', '-p', 'numDilutions']],
    ['BAD_OPTION', ['run', 'serial_dilution', '--no-such-option']],
    ['BAD_OPTION', ['run']],
    ['BAD_OPTION', ['no-such-command']],
    ['INVALID_REQUEST', ['runs', '--status', 'asleep']],
    ['INVALID_REQUEST', ['runs', '--limit', '201']],
    ['RUN_NOT_FOUND', ['show', '01989f2c-0000-7000-8000-000000000000']],
    ['PROTOCOL_NOT_FOUND', ['protocols', 'none', '--statistics']],
    ['BAD_OPTION', ['protocols', '--statistics']],
    ['RUN_NOT_FOUND', ['show', 'abc']],
    ['RUN_NOT_FOUND', ['show', 'last']],
    ['LABWARE_ITEM_NOT_FOUND', ['labware', 'replace', 'tips_99']],
    ['BAD_OPTION', ['labware', 'replace']],
    ['BAD_OPTION', ['run', 'serial_dilution', '--time-scale', 'fast']],
    ['INVALID_REQUEST', ['run', 'serial_dilution', '--time-scale', '0.5']],
    ['BAD_OPTION', ['show', 'last', '--tree', '--follow']],
    ['RUN_NOT_FOUND', ['pause', 'last']],
    ['RUN_NOT_FOUND', ['resume', '01989f2c-0000-7000-8000-000000000000']],
    ['RUN_NOT_FOUND', ['inbox', '--run', 'last']],
    ['RUN_NOT_FOUND', ['continue', '01989f2c-0000-7000-8000-000000000000', '--from', 'serial_dilution']],
    ['BAD_OPTION', ['continue', 'last']],
    ['ITEM_NOT_FOUND', ['answer', 'last', 'yes']],
    ['ITEM_NOT_FOUND', ['answer', 'abc', 'yes']],
    ['ITEM_NOT_FOUND', ['answer', '01989f2c-0000-7000-8000-000000000000/serial_dilution/q1', 'yes']],
  ])('%s: praxis %j', async (code, args) => {
    const before = await api.countRows();
    const { exitCode, stdout, stderr } = await praxis(...args);
    expect([exitCode, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(new RegExp(`^error ${code}\\b.*Remedy: .*\\n$`, 'u'));
    expect(await api.countRows()).toEqual(before);
  });

  test('with --json it is a document on stdout, too', async () => {
    const { exitCode, stdout, stderr } = await praxis('pause', 'last', '--json');
    expect([exitCode, JSON.parse(stdout)]).toEqual([
      2,
      { error: { code: 'RUN_NOT_FOUND', field: 'id', message: expect.any(String) as unknown, remedy: expect.any(String) as unknown } },
    ]);
    expect(stderr).toMatch(/^error RUN_NOT_FOUND/u);
  });

  test('the line names code, field and what is wrong', async () => {
    const { stderr } = await praxis('run', 'serial_dilution', '-p', 'numDilutions=12');
    expect(stderr).toMatch(/^error PARAMETER_RANGE parameters\.numDilutions: .*from 1 to 11, not 12/u);
  });
});

test('no API is exit code 3 and one line', async () => {
  const port = await findFreePorts(1);
  const { exitCode, stdout, stderr } = await runCli({ ...env, PRAXIS_URL: `http://127.0.0.1:${port}` }, ['runs']);
  expect([exitCode, stdout]).toEqual([3, '']);
  expect(stderr).toMatch(/^error NO_CONNECTION: .*Remedy: .*\n$/u);
});

test('the address comes from the lab of PRAXIS_HOME', async () => {
  const home = mkdtempSync(path.join(tmpdir(), 'praxis-home-'));
  writeFileSync(path.join(home, 'lab.json'), JSON.stringify({ api: api.url }));
  const { exitCode, stdout } = await runCli({ PATH: env['PATH'] ?? '', PRAXIS_HOME: home }, ['protocols']);
  rmSync(home, { recursive: true });
  expect(exitCode).toBe(0);
  expect(stdout).toContain('serial_dilution');
});

test('every list prints one document with --json, and help has examples', async () => {
  for (const args of [
    ['runs'],
    ['protocols'],
    ['machines'],
    ['labware'],
    ['reservations'],
    ['inbox'],
    ['protocols', 'serial_dilution'],
    ['protocols', 'serial_dilution', '--statistics'],
  ]) {
    const { exitCode, stdout } = await praxis(...args, '--json');
    expect(exitCode).toBe(0);
    expect(JSON.parse(stdout)).toEqual(expect.any(Object));
  }
  for (const command of [
    'run',
    'runs',
    'show',
    'protocols',
    'machines',
    'labware',
    'reservations',
    'pause',
    'resume',
    'cancel',
    'continue',
    'inbox',
    'answer',
    'up',
    'doctor',
  ]) {
    const { exitCode, stdout } = await praxis(command, '--help');
    expect(exitCode).toBe(0);
    expect(stdout).toContain(`praxis ${command}`);
    expect(stdout).toContain('Examples:');
  }
});

test('parameters take the declared type, the same key the same run, and a queued run says who holds what', async () => {
  const args = ['run', 'serial_dilution', '-p', 'numDilutions=3', '-p', 'startRow=B', '--idempotency-key', 'cli-1', '--json'];
  const first = JSON.parse((await praxis(...args)).stdout) as Run;
  expect(first.parameters).toMatchObject({ numDilutions: 3, startRow: 'B' });
  expect((JSON.parse((await praxis(...args)).stdout) as Run).id).toBe(first.id);
  const queued = await praxis('run', 'serial_dilution');
  expect(queued.stdout).toMatch(new RegExp(`waits for .*, held by serial_dilution \\(run ${first.id}\\)`, 'u'));
  expect(queued.stdout).toMatch(/^uses lh=star plate=plate_\d tips=tips_\d diluent=diluent_\d$/mu);
  const shown = await praxis('show', 'last');
  expect(shown.stdout).toMatch(/waits for +\w+, held by serial_dilution/u);
  expect((await praxis('show', first.id, '--state')).stdout).toBe('The run has set no state.\n');
  expect(JSON.parse((await praxis('show', first.id, '--data', '--json')).stdout)).toEqual({ items: [] });
  const byPrefix = await praxis('show', first.id.slice(0, -1), '--json');
  expect((JSON.parse(byPrefix.stdout) as Run).id).toBe(first.id);
  await closeRun(api.db, { runId: (await newestRun()).id, status: 'cancelled', atMs: Date.now() });
  await closeRun(api.db, { runId: first.id, status: 'cancelled', atMs: Date.now() });
});

test('statistics of a protocol are a table of its versions', async () => {
  expect((await praxis('protocols', 'dilute_once', '--statistics')).stdout).toBe('dilute_once has not been called yet.\n');
  const run = JSON.parse((await praxis('run', 'serial_dilution', '--json')).stdout) as Run;
  const atMs = Date.now();
  const call = { path: 'serial_dilution/dilute_once.1', name: 'dilute_once', version: '1.0.0', kind: 'inline' } as const;
  await recordCalls(api.db, run.id, {
    workflowId: run.id,
    entries: [
      { n: 1, phase: 'started', atMs, ...call },
      { n: 2, phase: 'completed', atMs: atMs + 1500, path: call.path, result: null },
      { n: 3, phase: 'started', atMs, ...call, path: 'serial_dilution/dilute_once.2' },
    ],
  });
  const { exitCode, stdout } = await praxis('protocols', 'dilute_once', '--statistics');
  expect(exitCode).toBe(0);
  expect(stdout).toMatch(
    /^VERSION +CALLS +COMPLETED +FAILED +CANCELLED +RUNNING +P50 +P95 +LONGEST +COMMANDS\/CALL +FIRST +LAST\n1\.0\.0 +2 +1 +0 +0 +1 +1\.5 s +1\.5 s +1\.5 s +0 +\d{4}-\S+ \S+ \S+ +\d{4}-\S+ \S+ \S+\n$/u,
  );
  await closeRun(api.db, { runId: run.id, status: 'cancelled', atMs: Date.now() });
});

test('--wait outlives a restart of the API and ends with the run: exit code 1 where it failed', async () => {
  const before = (await newestRun()).id;
  const waiting = praxis('run', 'serial_dilution', '--wait');
  await until(async () => (await newestRun()).id !== before);
  const { id } = await newestRun();
  await api.restart(() => new Promise((resolve) => setTimeout(resolve, 1200)));
  const error = { code: 'PROTOCOL_ERROR', message: 'The plate is missing.', remedy: 'Bring it.' };
  await closeRun(api.db, { runId: id, status: 'failed', error, atMs: Date.now() });
  const { exitCode, stdout } = await waiting;
  expect(stdout).toContain(`run ${id}\n`);
  expect(stdout).toMatch(/^failed after 0 commands in .*\nPROTOCOL_ERROR: The plate is missing\. Remedy: Bring it\.\n$/mu);
  expect(exitCode).toBe(1);
});

test('--wait --json prints the ended run and nothing else', async () => {
  const before = (await newestRun()).id;
  const waiting = praxis('run', 'serial_dilution', '--wait', '--json');
  await until(async () => (await newestRun()).id !== before);
  const { id } = await newestRun();
  await closeRun(api.db, { runId: id, status: 'completed', result: { wells: 3 }, atMs: Date.now() });
  const { exitCode, stdout } = await waiting;
  expect(JSON.parse(stdout)).toMatchObject({ id, status: 'completed', result: { wells: 3 } });
  expect(exitCode).toBe(0);
});

test('Ctrl-C ends the watch, says so, and leaves the run alone', async () => {
  const child = spawn(process.execPath, [path.join(findProjectRoot(), 'cli', 'bin.js'), 'run', 'serial_dilution', '--wait'], {
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  const ended = new Promise((resolve) => child.once('close', resolve));
  await until(() => Promise.resolve(/^run \S+\n/u.test(stdout)));
  child.kill('SIGINT');
  expect(await ended).toBe(130);
  const run = await newestRun();
  expect(stderr).toContain(`the run goes on. See it with: praxis show ${run.id}`);
  expect(run.endedAt).toBeNull();
  await closeRun(api.db, { runId: run.id, status: 'cancelled', atMs: Date.now() });
});

test('a run that waits for the acceptance of a journal says so, and how it is accepted', async () => {
  const run = JSON.parse((await praxis('run', 'serial_dilution', '--json')).stdout) as Run;
  await recordLoss(api.db, 'star', { because: 'The file is another one.', foundAtMs: Date.now(), isWhole: false });
  expect((await praxis('show', run.id)).stdout).toContain(
    `waits for   a person who accepts the journal of star: ${toAcceptCommand('star')}\n`,
  );
  // Everywhere the same, and it is taken as it is typed, without a terminal; here no worker is there to hear it.
  const { stdout } = await praxis('inbox');
  expect(stdout).toContain(toAcceptCommand('star'));
  await expect(checkJournals(api.postgres.url)).rejects.toMatchObject({
    remedy: expect.stringContaining(toAcceptCommand('star')) as unknown,
  });
  const typed = toAcceptCommand('star')
    .replace('praxis ', '')
    .replaceAll(/'([^']*)'/gu, (_, text: string) => text.replaceAll(' ', '_'));
  expect((await praxis(...typed.split(' '))).stderr).toMatch(/^error WORKCELL_SILENT/u);
  await recordAcceptance(api.db, { workcell: 'star', bridgeId: 'bridge', by: 'ada', note: '', atMs: Date.now() });
  expect((await praxis('show', run.id)).stdout).not.toContain('accept-journal');
  await closeRun(api.db, { runId: run.id, status: 'cancelled', atMs: Date.now() });
});

test('a release of a machine that is not quarantined says that nothing was to be released', async () => {
  const release = (...more: string[]): Promise<CliResult> => praxis('machines', 'release', 'heater_shaker', '--note', 'looked', ...more);
  await api.db.transaction().execute((tx) => quarantineMachine(tx, { machineId: 'heater_shaker', reason: 'smoke', atMs: Date.now() }));
  expect(await release()).toMatchObject({ exitCode: 0, stdout: 'heater_shaker is available.\n' });
  expect(await release()).toMatchObject({
    exitCode: 0,
    stdout: 'heater_shaker was not quarantined: nothing was to be released. It is available.\n',
  });
  expect(JSON.parse((await release('--json')).stdout)).toMatchObject({ status: 'available', wasQuarantined: false });
});
