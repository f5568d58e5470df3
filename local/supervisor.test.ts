// What hangs is killed and started again, what only misses a question is left alone, and a busy one is asked again.

import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { startChild, type Child } from './child-process.js';
import { isAlive, signalProcess } from './process-identity.js';
import { createSupervisor, type Supervisor, type SupervisorEvent } from './supervisor.js';

const WAIT_TIMEOUT_MS = 60_000;
const HEALTH = { everyMs: 200, misses: 5 };
let folder = '';
let events: SupervisorEvent[] = [];
let supervisor: Supervisor;

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'praxis-supervisor-'));
  events = [];
  supervisor = createSupervisor((event) => events.push(event), HEALTH);
});
afterEach(async () => {
  for (const pid of Object.values(supervisor.listPids())) signalProcess(pid, 'SIGCONT');
  await supervisor.stop('it');
  rmSync(folder, { recursive: true, force: true });
});

/** A process with the lifeline of every process of a lab. */
function startIt(): Promise<Child> {
  const script = path.join(folder, 'it.mjs');
  const lifeline = path.resolve('dist', 'platform', 'process-lifeline.js');
  writeFileSync(
    script,
    `import { onLifelineClosed } from ${JSON.stringify(lifeline)};\nonLifelineClosed(() => process.exit(0));\nconsole.log(JSON.stringify({ ready: 'it', listens: true }));\n`,
  );
  return startChild({
    name: 'it',
    command: process.execPath,
    args: [script],
    env: process.env,
    logFile: path.join(folder, 'it.log'),
    readyTimeoutMs: WAIT_TIMEOUT_MS,
    record: path.join(folder, 'it.pid'),
  });
}

async function waitFor(holds: () => boolean): Promise<void> {
  const deadline = Date.now() + WAIT_TIMEOUT_MS;
  while (!holds()) {
    if (Date.now() > deadline) throw new Error(`Waited in vain. Events: ${JSON.stringify(events)}`);
    await sleep(20);
  }
}

test('a process that has stopped as a whole is killed by its pid, and started again', async () => {
  const { pid } = await supervisor.supervise({ name: 'it', stopTimeoutMs: WAIT_TIMEOUT_MS, start: startIt });
  signalProcess(pid, 'SIGSTOP');
  await waitFor(() => events.some(({ type }) => type === 'restarted'));
  expect(events.map(({ type }) => type)).toEqual(['hung', 'died', 'restarted']);
  expect(isAlive(pid)).toBe(false);
  expect(supervisor.listPids()['it']).not.toBe(pid);
});

test('one that answers is left alone, and its signs are not in its log', async () => {
  const child = await startIt();
  for (let k = 0; k < 20; k++) expect(await child.answers?.()).toBe(true);
  await child.stop(WAIT_TIMEOUT_MS);
  const { readFileSync } = await import('node:fs');
  expect(readFileSync(path.join(folder, 'it.log'), 'utf8')).not.toContain('alive');
});
