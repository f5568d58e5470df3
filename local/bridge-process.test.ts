// Two supervisors that start the bridge of one lab at the same moment, as where one was killed in the middle of its start; one that
// finds the bridge of an earlier start; and one whose journal is damaged.

import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { findProjectRoot } from '../platform/paths.js';
import { readSettings } from '../platform/settings.js';
import { startOrAdoptBridge, type BridgeOptions } from './bridge-process.js';
import { isAlive } from './process-identity.js';
import { prepareVenv } from './python-venv.js';
import type { RunningProcess } from './running-process.js';

const STOP_TIMEOUT_MS = 10_000;

let options: BridgeOptions;
let running: RunningProcess[];

beforeEach(async () => {
  const root = findProjectRoot();
  const { cache, python } = readSettings();
  const program = await prepareVenv({ cache, requirementsFile: path.join(root, 'bridge', 'requirements.txt'), python });
  const home = mkdtempSync(path.join(tmpdir(), 'praxis-bridge-'));
  options = {
    command: [program, '-m', 'praxis_bridge'],
    env: { ...process.env, PYTHONPATH: path.join(root, 'bridge') },
    socket: path.join(home, 'bridge.sock'),
    journal: path.join(home, 'journal.sqlite'),
    home,
    logFile: path.join(home, 'bridge.log'),
  };
  running = [];
});
afterEach(async () => {
  await running.at(-1)?.stop(STOP_TIMEOUT_MS);
  rmSync(options.home, { recursive: true, force: true });
});

async function start(): Promise<RunningProcess> {
  const bridge = await startOrAdoptBridge(options);
  running.push(bridge);
  return bridge;
}

test('started twice at once there is one bridge, and both have it', async () => {
  const started = await Promise.all([start(), start()]);
  expect(new Set(started.map(({ pid }) => pid)).size).toBe(1);
  expect(started.map(({ isAdopted }) => isAdopted).sort()).toEqual([false, true]);
});

test('a bridge that was left behind and is stopped as a whole is ended, and another one takes its journal', async () => {
  const left = await start();
  process.kill(left.pid, 'SIGSTOP');
  const fresh = await start();
  expect(isAlive(left.pid)).toBe(false);
  expect([fresh.isAdopted, fresh.pid === left.pid]).toEqual([false, false]);
  expect((await start()).pid).toBe(fresh.pid);
});

test('a journal that is damaged is named with what to do, and what it says helps', async () => {
  writeFileSync(options.journal, Buffer.alloc(65_536));
  const aside = `${options.journal}.aside`;
  await expect(start()).rejects.toMatchObject({
    code: 'START_FAILED',
    message: `The bridge did not start: The journal ${options.journal} is damaged (file is not a database).`,
    remedy: `End the lab, move the file aside (mv ${options.journal} ${aside}), start again, look at the machines, then: praxis accept-journal.`,
  });
  renameSync(options.journal, aside);
  expect((await start()).isAdopted).toBe(false);
});
