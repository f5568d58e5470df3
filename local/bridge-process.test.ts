// Two supervisors that start the bridge of one lab at the same moment, as where one was killed in the middle of its start.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, test } from '@jest/globals';
import { findProjectRoot } from '../platform/paths.js';
import { readSettings } from '../platform/settings.js';
import { startOrAdoptBridge, type BridgeOptions } from './bridge-process.js';
import { prepareVenv } from './python-venv.js';

const STOP_TIMEOUT_MS = 10_000;

test('started twice at once there is one bridge, and both have it', async () => {
  const root = findProjectRoot();
  const { cache, python } = readSettings();
  const program = await prepareVenv({ cache, requirementsFile: path.join(root, 'bridge', 'requirements.txt'), python });
  const home = mkdtempSync(path.join(tmpdir(), 'praxis-bridge-'));
  const options: BridgeOptions = {
    command: [program, '-m', 'praxis_bridge'],
    env: { ...process.env, PYTHONPATH: path.join(root, 'bridge') },
    socket: path.join(home, 'bridge.sock'),
    journal: path.join(home, 'journal.sqlite'),
    home,
    logFile: path.join(home, 'bridge.log'),
  };
  const started = await Promise.allSettled([startOrAdoptBridge(options), startOrAdoptBridge(options)]);
  try {
    const pids = started.map((each) => (each.status === 'fulfilled' ? each.value.pid : String(each.reason)));
    expect(new Set(pids).size).toBe(1);
    expect(started.map((each) => each.status === 'fulfilled' && each.value.isAdopted).sort()).toEqual([false, true]);
  } finally {
    const [first] = started;
    if (first.status === 'fulfilled') await first.value.stop(STOP_TIMEOUT_MS);
    rmSync(home, { recursive: true, force: true });
  }
});
