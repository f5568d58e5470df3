// A lab whose bridge runs elsewhere and is reached over TCP: links that are cut in mid-command change nothing, stop all arrives,
// and a wrong token is told in one sentence.

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { startOrAdoptBridge } from '../../local/bridge-process.js';
import { findFreePorts } from '../../local/free-ports.js';
import { prepareVenv } from '../../local/python-venv.js';
import type { RunningProcess } from '../../local/running-process.js';
import { findProjectRoot } from '../../platform/paths.js';
import { readSettings } from '../../platform/settings.js';
import { BridgeClient } from '../../workcell/bridge-client.js';
import { countCommands, countTapeLines } from '../rig/count-commands.js';
import { openCuttableLink, type Link } from '../rig/cut-link.js';
import { startRun, waitForEnd, waitForStatus } from '../rig/operate-lab.js';
import { runCli, type CliResult } from '../rig/run-cli.js';
import { startLab, wait, waitFor, type Lab } from '../rig/start-lab.js';

const TEST_LIMIT_MS = 240_000;
const BRIDGE_STOP_MS = 20_000;
const MOTION_S = 0.08;
const COMMANDS = 84;
const CUTS = 8;
const DOWN_MS = 3_000;
const TOKEN = '0123456789abcdef'.repeat(4);

let folder: string;
let bridge: RunningProcess;
let link: Link;
let lab: Lab;
let local: BridgeClient;

beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'praxis-pc-'));
  const tokenFile = path.join(folder, 'token');
  writeFileSync(tokenFile, `${TOKEN}\n`, { mode: 0o600 });
  mkdirSync(path.join(folder, 'bridge'));
  const port = await findFreePorts(2);
  bridge = await startBridge({ port, tokenFile });
  local = new BridgeClient(path.join(folder, 'bridge.sock'));
  link = await openCuttableLink(port);
  lab = await startLab({
    motionS: MOTION_S,
    settings: { PRAXIS_BRIDGE_ADDRESS: `127.0.0.1:${link.port}`, PRAXIS_BRIDGE_TOKEN_FILE: tokenFile },
  });
}, TEST_LIMIT_MS);

afterAll(async () => {
  await lab?.end();
  link?.close();
  local?.close();
  await bridge?.stop(BRIDGE_STOP_MS);
  rmSync(folder, { recursive: true, force: true });
}, TEST_LIMIT_MS);

describe('a bridge on an instrument PC', () => {
  test(
    'is not started by the lab, and the doctor says which it is',
    async () => {
      expect((await lab.record()).pids).not.toHaveProperty('bridge');
      const { exitCode, stdout } = await runDoctor({});
      expect({ exitCode, stdout }).toMatchObject({
        exitCode: 0,
        stdout: expect.stringContaining(`127.0.0.1:${link.port}, PyLabRobot`) as unknown,
      });
      expect(stdout).not.toContain('as here');
    },
    TEST_LIMIT_MS,
  );

  test(
    'links cut in mid-command again and again: completed, every command once, nothing uncertain',
    async () => {
      const before = await countTapeLines(lab.tapeFile);
      const runId = await startRun(lab, 'serial_dilution', { parameters: { numDilutions: 8 } });
      const step = Math.floor(COMMANDS / (CUTS + 2));
      const cutBefore = link.cutConnections;
      for (let number = 1; number <= CUTS; number++) {
        await waitInsideCommand(runId, before + number * step);
        link.cut();
      }
      await waitInsideCommand(runId, before + (CUTS + 1) * step);
      link.takeDown();
      await wait(DOWN_MS);
      link.bringUp();
      expect(await waitForEnd(lab, runId)).toMatchObject({
        status: 'completed',
        counts: { commands: { completed: COMMANDS, failed: 0, uncertain: 0 } },
      });
      const counts = await countCommands({ ...lab, home: folder }, runId);
      expect({ ...counts, tapeLines: counts.tapeLines - before }).toEqual({
        journalSent: COMMANDS,
        journalCompleted: COMMANDS,
        journalRepeated: 0,
        postgresCompleted: COMMANDS,
        postgresOther: 0,
        tapeLines: COMMANDS,
      });
      expect(link.cutConnections - cutBefore).toBeGreaterThanOrEqual(CUTS);
    },
    TEST_LIMIT_MS,
  );

  test(
    'stop all reaches it, also where the worker is dead and its file names the address',
    async () => {
      const runId = await startRun(lab, 'serial_dilution', { parameters: { numDilutions: 8 } });
      await waitInsideCommand(runId, 0);
      await lab.kill('workcell-worker');
      expect(await runCli(lab.env, ['stop-all', '--reason', 'smoke'])).toMatchObject({ exitCode: 0 });
      expect((await local.request('hello', {})).stopAll).toMatchObject({ isStopped: true, reason: 'smoke' });
      await waitForStatus(lab, runId, 'paused');
      expect(await runCli(lab.env, ['stop-all', '--release', '--reason', 'aired'])).toMatchObject({ exitCode: 0 });
      expect(await waitForEnd(lab, runId)).toMatchObject({ status: 'completed', counts: { commands: { uncertain: 0 } } });
    },
    TEST_LIMIT_MS,
  );

  test(
    'a wrong token, one that others may read, and nobody there: one sentence and a remedy each',
    async () => {
      const wrong = path.join(folder, 'wrong');
      writeFileSync(wrong, `${'f'.repeat(64)}\n`, { mode: 0o600 });
      expect((await runDoctor({ PRAXIS_BRIDGE_TOKEN_FILE: wrong })).stdout).toContain(`does not know the token of ${wrong}.`);
      const open = path.join(folder, 'open');
      writeFileSync(open, TOKEN, { mode: 0o644 });
      expect((await runDoctor({ PRAXIS_BRIDGE_TOKEN_FILE: open })).stdout).toContain(`chmod 600 ${open}`);
      const nobody = `127.0.0.1:${await findFreePorts(1)}`;
      const { exitCode, stdout } = await runDoctor({ PRAXIS_BRIDGE_ADDRESS: nobody });
      expect({ exitCode, stdout }).toMatchObject({
        exitCode: 1,
        stdout: expect.stringContaining(`The bridge at ${nobody} can't be reached`) as unknown,
      });
    },
    TEST_LIMIT_MS,
  );
});

async function startBridge({ port, tokenFile }: { port: number; tokenFile: string }): Promise<RunningProcess> {
  const root = path.join(findProjectRoot(), 'bridge');
  const { cache, python } = readSettings();
  const program = await prepareVenv({ cache, requirementsFile: path.join(root, 'requirements.txt'), python });
  return startOrAdoptBridge({
    command: [program, '-m', 'praxis_bridge', '--listen', `127.0.0.1:${port}`, '--token-file', tokenFile],
    env: { ...process.env, PYTHONPATH: root },
    socket: path.join(folder, 'bridge.sock'),
    journal: path.join(folder, 'bridge', 'star.sqlite'),
    home: folder,
    logFile: path.join(folder, 'bridge.log'),
  });
}

function runDoctor(settings: Readonly<Record<string, string>>): Promise<CliResult> {
  return runCli({ ...lab.env, ...settings }, ['doctor']);
}

/** Resolves while a command of the run executes, once the tape has this many acts. */
async function waitInsideCommand(runId: string, afterActs: number): Promise<void> {
  await waitFor(
    `a command of ${runId} after ${afterActs} acts`,
    async () =>
      (await countTapeLines(lab.tapeFile)) >= afterActs &&
      (await local.request('hello', {})).runningCommands.some((id) => id.startsWith(runId)),
  );
}
