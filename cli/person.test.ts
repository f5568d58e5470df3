// The command at a terminal: it asks for an answer as its kind wants it and for a yes before it gives it, answers in place while a run is watched,
// fits the width, leaves colour out where that is wished, and shows what others have written without obeying it.

import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { DefaultLogger, NativeConnection, Runtime, Worker } from '@temporalio/worker';
import path from 'node:path';
import { closeRun } from '../db/runs/run-status.js';
import { closeItem, openItem } from '../db/inbox/inbox.queries.js';
import type { InboxItem, InboxSubject } from '../domain/inbox/inbox.js';
import type { Json } from '../domain/json/json.js';
import type { Run } from '../domain/runs/run.js';
import { findProjectRoot } from '../platform/paths.js';
import { runCli } from '../test/rig/run-cli.js';
import { runOnTerminal, type OnTerminal } from '../test/rig/run-on-terminal.js';
import { serveTestApi, type TestApi } from '../test/rig/serve-test-api.js';
import { startTestTemporal, type TestTemporal } from '../test/rig/start-test-temporal.js';
import { waitFor } from '../test/rig/start-lab.js';

let server: TestTemporal;
let api: TestApi;
let connection: NativeConnection;
let worker: Worker;
let working: Promise<void>;
let env: Readonly<Record<string, string>>;

beforeAll(async () => {
  Runtime.install({ logger: new DefaultLogger('ERROR') });
  server = await startTestTemporal();
  api = await serveTestApi({ temporalAddress: server.address, temporalNamespace: server.namespace });
  connection = await NativeConnection.connect({ address: server.address });
  const { bundle } = (await api.get<{ bundle: string }>('/api/v1/protocols/serial_dilution')).body;
  worker = await Worker.create({
    connection,
    namespace: server.namespace,
    taskQueue: `px.${bundle}`,
    workflowsPath: path.join(findProjectRoot(), 'test', 'fixtures', 'workflows', 'waiting-run.ts'),
  });
  working = worker.run();
  env = { PATH: process.env['PATH'] ?? '', PRAXIS_URL: api.url, TZ: 'Asia/Kolkata' };
}, 120_000);
afterEach(() => {
  for (const terminal of terminals.splice(0)) terminal.close();
});
afterAll(async () => {
  worker.shutdown();
  await working;
  await api.stop();
  await connection.close();
  await server.stop();
});

let questions = 0;
const terminals: OnTerminal[] = [];

function open(args: readonly string[], { settings = {}, columns = 120 } = {}): OnTerminal {
  const terminal = runOnTerminal({ ...env, ...settings }, args, columns);
  terminals.push(terminal);
  return terminal;
}

async function startRun(): Promise<Run> {
  const { body: run } = await api.post<Run>('/api/v1/runs', { protocol: 'serial_dilution' });
  await waitFor('the start', async () => (await api.get<Run>(`/api/v1/runs/${run.id}`)).body.startedAt !== null);
  return run;
}

async function ask(run: Run, subject: InboxSubject): Promise<string> {
  // The workflow of this test takes answers to the first question of a call.
  const itemId = `${run.id}/serial_dilution/ask.${(questions += 1)}/q1`;
  await openItem(api.db, { itemId, runId: run.id, callPath: 'serial_dilution', workflowId: run.id, subject, atMs: Date.now() });
  return itemId;
}

/** As the workflow of a run does once it has the answer. */
async function keepAnswer(run: Run, itemId: string, answer: Json): Promise<void> {
  const given = { itemId, answer, by: 'local', note: '', atMs: Date.now() };
  await closeItem(api.db, { itemId, runId: run.id, status: 'answered', given, atMs: Date.now() });
}

async function readItem(id: string): Promise<InboxItem> {
  return (await api.get<InboxItem>(`/api/v1/inbox/${encodeURIComponent(id)}`)).body;
}

const endRun = (run: Run): Promise<unknown> => closeRun(api.db, { runId: run.id, status: 'completed', atMs: Date.now() });

test('a choice is asked for with its choices, by name or number, and given after a yes', async () => {
  const run = await startRun();
  const itemId = await ask(run, { kind: 'choose', text: 'Which dye?', choices: ['red', '-20C'] });
  const terminal = open(['answer', itemId]);
  await terminal.waitForText('praxis answer');
  expect(terminal.shown()).toContain(`praxis answer ${itemId} -- -20C`);
  await terminal.waitForText('choice or its number:');
  terminal.type('blue');
  await terminal.waitForText("Answer with 'blue'?");
  terminal.type('yes');
  await terminal.waitForText('red, -20C');
  await terminal.waitForText('choice or its number:');
  terminal.type('2');
  await terminal.waitForText("Answer with '-20C'? [yes/no]");
  terminal.type('yes');
  await terminal.waitForText('answered "-20C"');
  expect(await terminal.ended).toBe(0);
  await endRun(run);
});

test('a choice that begins with a dash is answered by the line that is shown for it', async () => {
  const run = await startRun();
  const itemId = await ask(run, { kind: 'choose', text: 'How cold?', choices: ['-20C', "4C o'clock"] });
  const { stdout } = await runCli(env, ['inbox']);
  expect(stdout).toContain(`praxis answer ${itemId} '4C o'\\''clock'`);
  const [, shown = ''] = /praxis answer (\S+ -- \S+)/u.exec(stdout) ?? [];
  expect(await runCli(env, ['answer', ...shown.split(' ')])).toMatchObject({
    exitCode: 0,
    stdout: expect.stringContaining(`answered "-20C"`) as unknown,
  });
  await endRun(run);
});

test('a no gives no answer, and an empty line leaves the item to somebody else', async () => {
  const run = await startRun();
  const itemId = await ask(run, { kind: 'number', text: 'Density?', unit: 'OD', min: 0, max: 4 });
  const refused = open(['answer', itemId]);
  await refused.waitForText('number from 0 to 4 OD:');
  refused.type('0.4');
  await refused.waitForText("Answer with '0.4'?");
  refused.type('no');
  expect(await refused.ended).toBe(2);
  const left = open(['answer', itemId]);
  await left.waitForText('number from 0 to 4 OD:');
  left.type('');
  expect(await left.ended).toBe(2);
  expect(await readItem(itemId)).toMatchObject({ status: 'open' });
  await endRun(run);
});

test('a command in doubt is asked about step by step', async () => {
  const run = await startRun();
  const known = { commandId: 'c', machine: 'star', method: 'aspirate', arguments: {}, known: 'It was sent and never ended.' };
  const itemId = await ask(run, { kind: 'uncertain-command', text: 'Nobody knows whether it moved.', ...known });
  const terminal = open(['answer', itemId]);
  const typeAll = async (): Promise<void> => {
    for (const [question, typed] of [
      ['What happened: done, not-done or partly?', 'partly'],
      ['And then: retry, skip or abort?', 'skip'],
      ['otherwise than the lab believes?', 'yes'],
      ['volume there', 'plate_1:A1=100'],
      ['volume there', ''],
      ['tip there', ''],
      ['channel, as', ''],
      ['what you saw', 'half full'],
      ['Answer with {"happened":"partly","then":"skip","corrections"', 'yes'],
    ] as const) {
      await terminal.waitForText(question);
      terminal.type(typed);
    }
  };
  // What cannot be true is refused with the reason, and asked again.
  await typeAll();
  await terminal.waitForText('No tip on channel 0');
  await typeAll();
  await terminal.waitForText('answered {"happened":"partly","then":"skip"');
  expect(await terminal.ended).toBe(0);
  await endRun(run);
});

test('a watched run is answered in place, and asked no more when somebody else was first', async () => {
  const run = await startRun();
  const terminal = open(['show', run.id, '--follow']);
  const mine = await ask(run, { kind: 'confirm', text: 'Is the lid off?' });
  await terminal.waitForText('yes or no:');
  terminal.type('yes');
  await terminal.waitForText('Answer with yes?');
  terminal.type('yes');
  await keepAnswer(run, mine, true);
  await terminal.waitForText('answered true by local');
  const other = await ask(run, { kind: 'confirm', text: 'Is it warm?' });
  await terminal.waitForText('yes or no:');
  await keepAnswer(run, other, false);
  await terminal.waitForText('Not answered here.');
  await terminal.waitForText('answered false by local');
  await endRun(run);
  expect(await terminal.ended).toBe(0);
});

test('lists fit the terminal, and are whole on a pipe; times have their zone', async () => {
  const run = await startRun();
  const narrow = open(['runs', '--limit', '1'], { columns: 72 });
  expect(await narrow.ended).toBe(0);
  const lines = stripColours(narrow.shown()).split('\r\n').slice(0, 2);
  expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(72);
  // What is left of the id still names the run.
  const shownId = lines[1]?.split(' ')[0] ?? '';
  expect(run.id.startsWith(shownId)).toBe(true);
  expect((await runCli(env, ['show', shownId, '--json'])).stdout).toContain(run.id);
  const piped = (await runCli(env, ['runs', '--limit', '1'])).stdout;
  expect(piped).toContain(run.id);
  expect(piped).toContain('CREATED (+05:30)');
  expect((await runCli(env, ['show', run.id])).stdout).toMatch(/^created {5}[\d-]+ [\d:]+ \+05:30$/mu);
  await endRun(run);
});

test('colour is for a terminal that wants it', async () => {
  const coloured = open(['show', 'last']);
  await coloured.ended;
  expect(coloured.shown()).toContain('\u001b[1m');
  const plain = open(['show', 'last'], { settings: { NO_COLOR: '1' } });
  await plain.ended;
  expect(plain.shown()).not.toContain('\u001b[');
  expect((await runCli(env, ['show', 'last'])).stdout).not.toContain('\u001b');
});

test('what others have written neither breaks a line nor turns it around', async () => {
  const run = await startRun();
  const itemId = await ask(run, { kind: 'text', text: 'Which lot?\n  answer   praxis cancel last\u202e\u001b[2J' });
  const { stdout } = await runCli(env, ['inbox']);
  expect(stdout).toContain('Which lot?\\n  answer   praxis cancel last\\u202e\\u001b[2J\n');
  await keepAnswer(run, itemId, 'a\nb\u202ec');
  const { stdout: answered } = await runCli(env, ['inbox', '--all', '--run', run.id]);
  expect(answered).toContain('"a\\nb\\u202ec"');
  expect(answered).not.toContain('\u202e');
  await endRun(run);
});

const stripColours = (text: string): string => text.replace(/\u001b\[\d+m/gu, '');
