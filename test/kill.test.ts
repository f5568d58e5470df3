// Kill anything while a command is under way: the run ends completed, each command done once, nothing
// uncertain. Only the bridge knows what a motion did, and the bridge is not what dies here.

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Page } from '../domain/page.js';
import type { Run } from '../domain/run.js';
import { BridgeClient } from '../workcell/bridge-client.js';
import { countCommands, countTapeLines } from './rig/count-commands.js';
import { startLab, waitFor, type Lab } from './rig/start-lab.js';

/** Long enough that a kill lands inside a motion, short enough for 84 of them. */
const MOTION_S = 0.08;
const RUN_WAIT_MS = 90_000;

let lab: Lab;
let tapeBefore = 0;

beforeAll(async () => { lab = await startLab({ motionS: MOTION_S }); }, 240_000);
afterAll(() => lab?.end());

describe('SIGKILL in mid-command', () => {
  test.each(['workcell-worker', 'workflow-worker', 'temporal', 'api'])('of the %s: completed, 84 of 84, nothing uncertain', async (name) => {
    tapeBefore = await countTapeLines(lab.tapeFile);
    const { body, status } = await lab.post('/runs', { protocol: 'serial_dilution', parameters: { numDilutions: 8 } });
    expect(status).toBe(201);
    const runId = body['id'] as string;
    const pidBefore = (await lab.record()).pids[name];
    await killDuringCommand(name, runId);
    await expectCompletedOnce(runId);
    // The fault has fired: another process does the work now.
    expect((await lab.record()).pids[name]).not.toBe(pidBefore);
  }, 240_000);

  test('of the supervisor: a new one takes over, adopts the bridge, and the run goes on', async () => {
    tapeBefore = await countTapeLines(lab.tapeFile);
    const { body } = await lab.post('/runs', { protocol: 'serial_dilution', parameters: { numDilutions: 8 } });
    const runId = body['id'] as string;
    await waitForRunningCommand(runId, 10);
    const bridgeBefore = (await lab.record()).pids['bridge'];
    await lab.killSupervisor();
    await lab.restart();
    expect((await lab.record()).pids['bridge']).toBe(bridgeBefore);
    await expectCompletedOnce(runId);
  }, 240_000);

  test('Ctrl-C in mid-run stops all in order, and the next start ends the run', async () => {
    tapeBefore = await countTapeLines(lab.tapeFile);
    const { body } = await lab.post('/runs', { protocol: 'serial_dilution', parameters: { numDilutions: 8 } });
    const runId = body['id'] as string;
    await waitForRunningCommand(runId, 10);
    expect(await lab.interrupt()).toBe(0);
    await lab.restart();
    await expectCompletedOnce(runId);
  }, 240_000);
});

/** Kills the process at a moment when the bridge is executing a command of the run, some way into it. */
async function killDuringCommand(name: string, runId: string): Promise<void> {
  await waitForRunningCommand(runId, 20);
  await lab.kill(name);
}

async function waitForRunningCommand(runId: string, afterCommands: number): Promise<string> {
  const bridge = new BridgeClient((await lab.record()).bridgeSocket);
  try {
    return await waitFor(`a running command after ${afterCommands} of run ${runId}`, async () => {
      if ((await countTapeLines(lab.tapeFile)) - tapeBefore < afterCommands) return false;
      return (await bridge.request('hello', {})).runningCommands.find((id) => id.startsWith(runId));
    });
  } finally {
    bridge.close();
  }
}

async function expectCompletedOnce(runId: string): Promise<void> {
  const run = await waitFor(
    `run ${runId} to end`,
    async () => {
      const found = await lab.get<Run>(`/runs/${runId}`).catch(() => undefined);
      return found?.endedAt ? found : undefined;
    },
    { timeoutMs: RUN_WAIT_MS },
  );
  expect(run).toMatchObject({ status: 'completed', counts: { commands: { completed: 84, failed: 0, uncertain: 0 } } });
  const counts = await countCommands(lab, runId);
  expect({ ...counts, tapeLines: counts.tapeLines - tapeBefore }).toEqual({
    journalSent: 84,
    journalCompleted: 84,
    journalRepeated: 0,
    postgresCompleted: 84,
    postgresOther: 0,
    tapeLines: 84,
  });
  const { items } = await lab.get<Page<unknown>>('/reservations');
  expect(items).toEqual([]);
}
