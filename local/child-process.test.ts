// A supervised child, for real: it ends with its supervisor's pipe, and by force only when it ignores that.

import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { spawn } from 'node:child_process';
import { closeSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { runToEnd, startChild, type Child, type ChildOptions } from './child-process.js';
import { openLogFile } from './log-file.js';
import { isAlive, readStartTime, signalProcess, waitForExit } from './process-identity.js';

const EXIT_TIMEOUT_MS = 10_000;
const READY = `console.error('to the log'); console.log(JSON.stringify({ ready: 'it', url: 'here' }));`;
let folder = '';
const children: Child[] = [];

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'praxis-child-'));
});

afterEach(() => {
  for (const { pid } of children.splice(0)) if (isAlive(pid)) signalProcess(pid, 'SIGKILL');
  rmSync(folder, { recursive: true, force: true });
});

function describeChild(source: string, readyTimeoutMs = 20_000): ChildOptions {
  return {
    name: 'it',
    command: process.execPath,
    args: ['-e', source],
    env: process.env,
    logFile: path.join(folder, 'it.log'),
    readyTimeoutMs,
    record: path.join(folder, 'it.pid'),
  };
}

async function start(source: string): Promise<Child> {
  const child = await startChild(describeChild(source));
  children.push(child);
  return child;
}

describe('startChild', () => {
  test('tells the facts of the ready line and ends the child by closing its pipe', async () => {
    const child = await start(`${READY} process.stdin.once('end', () => { console.error('in order'); process.exit(0); }).resume();`);
    expect(child.facts).toEqual({ ready: 'it', url: 'here' });
    await child.stop(EXIT_TIMEOUT_MS);
    expect(isAlive(child.pid)).toBe(false);
    expect(readFileSync(path.join(folder, 'it.log'), 'utf8')).toMatch(/to the log[\s\S]*in order/u);
  });

  test('ends by force a child that ignores its pipe and SIGTERM', async () => {
    const child = await start(`process.on('SIGTERM', () => {}); setInterval(() => {}, 1000); ${READY}`);
    await child.stop(100);
    expect(await waitForExit(child.pid, EXIT_TIMEOUT_MS)).toBe(true);
  });

  test.each([
    ['ends before it is ready', `console.error('no bread'); process.exit(3);`, 'ended with code 3. Its log ends with: no bread'],
    ['stays silent', `setInterval(() => {}, 1000);`, 'was not ready after'],
  ])('a child that %s is a START_FAILED', async (_what, source, message) => {
    await expect(startChild(describeChild(source, 2_000))).rejects.toMatchObject({
      code: 'START_FAILED',
      message: expect.stringContaining(message),
    });
  });
});

test.each([
  ['is not over in time', 'setInterval(() => {}, 1000);', 'it was not over after 1 s. '],
  ['fails', 'process.exit(3);', 'it ended with code 3. '],
])('a program that %s says so', async (_what, source, message) => {
  const { name, command, args, env, logFile } = describeChild(source);
  const timeoutMs = message.includes('after') ? 1_000 : 20_000;
  await expect(runToEnd({ name, command, args, env, logFile, timeoutMs })).rejects.toMatchObject({
    code: 'START_FAILED',
    message: expect.stringContaining(message) as unknown,
  });
});

test('a zombie and a reused pid are not taken for the process', async () => {
  const child = spawn(process.execPath, ['-e', '']);
  const pid = child.pid ?? 0;
  expect(readStartTime(pid)).not.toBeNull();
  await new Promise((resolve) => child.once('exit', resolve));
  expect(isAlive(pid)).toBe(false);
  expect(readStartTime(process.pid)).not.toBe(readStartTime(process.ppid));
});

test('a log that has grown too large is put aside', () => {
  const file = path.join(folder, 'large.log');
  writeFileSync(file, 'old');
  truncateSync(file, 11 * 1024 * 1024);
  closeSync(openLogFile(file));
  expect(readFileSync(file, 'utf8')).toBe('');
  expect(readFileSync(`${file}.1`, 'utf8').startsWith('old')).toBe(true);
});
