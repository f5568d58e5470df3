// The built command against the real API, Temporal and Postgres, with a run that only answers messages: control, inbox,
// answers, and following a run.

import { Client, Connection } from '@temporalio/client';
import { DefaultLogger, NativeConnection, Runtime, Worker } from '@temporalio/worker';
import { spawn } from 'node:child_process';
import path from 'node:path';
import { openItem, closeItem } from '../db/inbox/inbox.queries.js';
import { closeRun } from '../db/runs/run-status.js';
import type { InboxItem, InboxSubject } from '../domain/inbox/inbox.js';
import type { Run } from '../domain/runs/run.js';
import { findProjectRoot } from '../platform/paths.js';
import { runCli, type CliResult } from '../test/rig/run-cli.js';
import { serveTestApi, type TestApi } from '../test/rig/serve-test-api.js';
import { startTestTemporal, type TestTemporal } from '../test/rig/start-test-temporal.js';

const DEADLINE_MS = 60_000;

let server: TestTemporal;
let api: TestApi;
let connection: Connection;
let client: Client;
let nativeConnection: NativeConnection;
let worker: Worker;
let working: Promise<void>;
let env: Readonly<Record<string, string>>;

beforeAll(async () => {
  Runtime.install({ logger: new DefaultLogger('ERROR') });
  server = await startTestTemporal();
  api = await serveTestApi({ temporalAddress: server.address, temporalNamespace: server.namespace });
  connection = Connection.lazy({ address: server.address });
  client = new Client({ connection, namespace: server.namespace });
  nativeConnection = await NativeConnection.connect({ address: server.address });
  const { bundle } = (await api.get<{ bundle: string }>('/api/v1/protocols/serial_dilution')).body;
  worker = await Worker.create({
    connection: nativeConnection,
    namespace: server.namespace,
    taskQueue: `px.${bundle}`,
    workflowsPath: path.join(findProjectRoot(), 'test', 'fixtures', 'workflows', 'waiting-run.ts'),
  });
  working = worker.run();
  env = { PATH: process.env['PATH'] ?? '', PRAXIS_URL: api.url };
});
afterAll(async () => {
  worker.shutdown();
  await working;
  await api.stop();
  await connection.close();
  await nativeConnection.close();
  await server.stop();
});

const praxis = (...args: string[]): Promise<CliResult> => runCli(env, args);

async function until(what: string, holds: () => Promise<boolean>): Promise<void> {
  const deadline = Date.now() + DEADLINE_MS;
  while (!(await holds())) {
    if (Date.now() > deadline) throw new Error(`${what} did not come true`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

async function startRun(...options: string[]): Promise<Run> {
  const { stdout } = await praxis('run', 'serial_dilution', '--json', ...options);
  const run = JSON.parse(stdout) as Run;
  await until('the start', async () => (await api.get<Run>(`/api/v1/runs/${run.id}`)).body.startedAt !== null);
  return run;
}

async function ask(run: Run, subject: InboxSubject): Promise<string> {
  const itemId = `${run.id}/serial_dilution/q1`;
  await openItem(api.db, { itemId, runId: run.id, callPath: 'serial_dilution', workflowId: run.id, subject, atMs: Date.now() });
  return itemId;
}

async function endRun(run: Run, status: 'completed' | 'failed' | 'cancelled' = 'cancelled'): Promise<void> {
  await client.workflow
    .getHandle(run.id)
    .terminate('end of the test')
    .catch(() => undefined);
  await closeRun(api.db, { runId: run.id, status, atMs: Date.now() });
}

test('pause, resume and cancel reach the run, by id, prefix or last', async () => {
  const run = await startRun();
  const paused = await praxis('pause', run.id, '--reason', 'coffee');
  expect(paused).toMatchObject({ exitCode: 0, stdout: expect.stringContaining(`praxis resume ${run.id}`) as string });
  expect((await praxis('resume', 'last', '--json')).exitCode).toBe(0);
  expect((JSON.parse((await praxis('cancel', run.id.slice(0, -2), '--json')).stdout) as Run).status).toBe('cancelling');
  expect(await client.workflow.getHandle(run.id).result()).toEqual(['pause by local: coffee', 'resume by local: ', 'cancel by local: ']);
  await endRun(run);
  const refused = await praxis('pause', run.id);
  expect([refused.exitCode, refused.stdout]).toEqual([2, '']);
  expect(refused.stderr).toMatch(/^error RUN_ENDED id: .*Remedy: .*\n$/u);
});

test('a question is shown with the command that answers it, and answered by its run, once', async () => {
  const run = await startRun();
  const itemId = await ask(run, { kind: 'choose', text: 'Which side?', choices: ['left', 'right'] });
  const inbox = await praxis('inbox');
  expect(inbox.stdout).toContain('? Which side?');
  for (const side of ['left', 'right']) expect(inbox.stdout).toContain(`praxis answer ${itemId} ${side}\n`);
  expect(
    (JSON.parse((await praxis('inbox', '--run', run.id, '--json')).stdout) as { items: InboxItem[] }).items.map(({ id }) => id),
  ).toEqual([itemId]);
  expect((await praxis('show', run.id)).stdout).toContain(`praxis answer ${itemId} left\n`);
  expect((await praxis('runs')).stdout).toContain('1 item waits for a person: praxis inbox');
  const wrong = await praxis('answer', 'last', 'up');
  expect([wrong.exitCode, wrong.stderr]).toEqual([2, expect.stringMatching(/^error ANSWER_TYPE answer: .*left, right/u)]);
  const answered = await praxis('answer', run.id, 'LEFT', '--note', 'seen', '--json');
  expect(JSON.parse(answered.stdout)).toMatchObject({ id: itemId, status: 'answered', answer: 'left' });
  const late = await praxis('resolve', itemId, 'right');
  expect([late.exitCode, late.stderr]).toEqual([
    2,
    expect.stringMatching(/^error ITEM_ANSWERED id: local answered this at .* with "left"\./u),
  ]);
  await endRun(run);
  expect((await praxis('inbox')).stdout).toBe('Nothing waits for a person.\n');
});

test('an uncertain command is shown with what is known, and stated with options', async () => {
  const run = await startRun();
  await ask(run, {
    kind: 'uncertain-command',
    text: 'Nobody knows whether it moved.',
    commandId: 'c',
    machine: 'star',
    method: 'aspirate',
    arguments: {},
    known: 'It was sent and never ended.',
  });
  const { exitCode, stdout, stderr } = await praxis('answer', 'last');
  expect(exitCode).toBe(2);
  expect(stdout).toContain('It was sent and never ended.');
  expect(stderr).toMatch(/^error BAD_OPTION: --happened and --then/u);
  const refused = await praxis('answer', 'last', '--happened', 'not-done', '--then', 'abort');
  expect([refused.exitCode, refused.stderr]).toEqual([2, expect.stringMatching(/^error BAD_STATEMENT .*No tip on channel 0/u)]);
  const stated = await praxis('answer', 'last', '--happened', 'partly', '--then', 'skip', '--set', 'plate_1:A1=100', '--json');
  expect(JSON.parse(stated.stdout)).toMatchObject({
    answer: { happened: 'partly', then: 'skip', corrections: [{ labware: 'plate_1', item: 'A1', volumeUl: 100 }] },
  });
  await endRun(run);
});

test('--follow shows questions and answers, outlives a restart of the API and ends with the run', async () => {
  const run = await startRun('--time-scale', '10');
  const child = spawn(process.execPath, [path.join(findProjectRoot(), 'cli', 'bin.js'), 'show', run.id, '--follow'], {
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let stdout = '';
  child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
  const ended = new Promise((resolve) => child.once('close', resolve));
  const itemId = await ask(run, { kind: 'confirm', text: 'Is the plate foamy?' });
  await until('the question', () =>
    Promise.resolve(stdout.includes(`praxis answer ${itemId} yes\n           praxis answer ${itemId} no\n`)),
  );
  await api.restart();
  const given = { itemId, answer: true, by: 'ada', note: '', atMs: Date.now() };
  await closeItem(api.db, { itemId, runId: run.id, status: 'answered', given, atMs: Date.now() });
  await until('the answer', () => Promise.resolve(stdout.includes('answered true by ada')));
  await endRun(run, 'completed');
  expect(await ended).toBe(0);
  expect(stdout.match(/Is the plate foamy/gu)).toHaveLength(1);
  expect(stdout).toMatch(/^completed 0 commands in/mu);
});

test('continue says what to check before it goes on, and starts the new run once that is confirmed', async () => {
  const run = await startRun();
  await client.workflow.getHandle(run.id).signal('cancel');
  await client.workflow.getHandle(run.id).result();
  await closeRun(api.db, { runId: run.id, status: 'failed', atMs: Date.now() });
  const unconfirmed = await praxis('continue', run.id, '--from', 'serial_dilution/mix_down.1');
  expect([unconfirmed.exitCode, unconfirmed.stderr]).toEqual([
    2,
    expect.stringMatching(/^error DECK_NOT_CONFIRMED isDeckConfirmed: .*add --deck-is-ready\.\n$/u),
  ]);
  const { stdout } = await praxis(
    'continue',
    run.id,
    '--from',
    'serial_dilution/mix_down.1',
    '--deck-is-ready',
    '--reason',
    'new tips',
    '--json',
  );
  const continued = JSON.parse(stdout) as Run;
  expect(continued.continuesRunId).toBe(run.id);
  expect((await praxis('show', continued.id)).stdout).toContain(
    `continues   ${run.id} from serial_dilution/mix_down.1\nbecause     new tips\n`,
  );
  await until('the start', async () => (await api.get<Run>(`/api/v1/runs/${continued.id}`)).body.startedAt !== null);
  await endRun(continued);
});
