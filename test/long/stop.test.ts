// Whatever stops in mid-run, the run goes on with the very next command: the bridge saw the same commands in the
// same order as in a run that nothing disturbed, each begun once and ended before the next began.

import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Run } from '../../domain/runs/run.js';
import type { JournalRow } from '../../domain/wire/wire.js';
import { isAlive, waitForExit } from '../../local/process-identity.js';
import { BridgeClient } from '../../workcell/bridge-client.js';
import { countTapeLines } from '../rig/count-commands.js';
import { startLab, waitFor, type Lab } from '../rig/start-lab.js';

const MOTION_S = 0.08;
const DILUTIONS = 4;
const TEST_TIMEOUT_MS = 240_000;
const EXIT_TIMEOUT_MS = 30_000;
const JOURNAL_PAGE_ROWS = 1_000;

let lab: Lab;
/** Kinds and command ids of a run that nothing disturbed, without its own id. */
let undisturbed: readonly string[];

beforeAll(async () => {
  lab = await startLab({ motionS: MOTION_S });
  undisturbed = await listJournal(await finish(await startRun()));
  expect(undisturbed.length).toBeGreaterThan(60);
}, TEST_TIMEOUT_MS);
afterAll(() => lab?.end());

async function startRun(): Promise<string> {
  const { body, status } = await lab.post('/runs', { protocol: 'serial_dilution', parameters: { numDilutions: DILUTIONS } });
  expect(status).toBe(201);
  return body['id'] as string;
}

async function finish(runId: string): Promise<string> {
  const run = await waitFor(`run ${runId} to end`, async () => {
    const found = await lab.get<Run>(`/runs/${runId}`).catch(() => undefined);
    return found?.endedAt ? found : undefined;
  });
  expect(run.status).toBe('completed');
  return runId;
}

async function askBridge<T>(ask: (bridge: BridgeClient) => Promise<T>): Promise<T> {
  const bridge = new BridgeClient((await lab.record()).bridgeSocket);
  try {
    return await ask(bridge);
  } finally {
    bridge.close();
  }
}

/** Beginning and end of the run's commands as the bridge wrote them down, for example `SENT serial_dilution/3/0`. */
function listJournal(runId: string): Promise<string[]> {
  return askBridge(async (bridge) => {
    const all: JournalRow[] = [];
    for (;;) {
      const { rows } = await bridge.request('journal.read', { after: all.at(-1)?.row ?? 0, limit: JOURNAL_PAGE_ROWS, waitMs: 0 });
      if (rows.length === 0) break;
      all.push(...rows);
    }
    const mine = all.filter(({ kind, commandId }) => (kind === 'SENT' || kind === 'END') && commandId?.startsWith(`${runId}/`));
    return mine.map(({ kind, commandId }) => `${kind} ${commandId?.slice(runId.length + 1) ?? ''}`);
  });
}

/** Waits until the run has begun so many backend calls and one is under way. */
async function waitForCommand(runId: string, tapeLines: number): Promise<void> {
  await askBridge((bridge) =>
    waitFor(`a running command after ${tapeLines} backend calls`, async () => {
      if ((await countTapeLines(lab.tapeFile)) < tapeLines) return false;
      return (await bridge.request('hello', {})).runningCommands.some((id) => id.startsWith(runId));
    }),
  );
}

test(
  'Ctrl-C twice in mid-run',
  async () => {
    const before = await countTapeLines(lab.tapeFile);
    const runId = await startRun();
    for (const after of [5, 20]) {
      await waitForCommand(runId, before + after);
      expect(await lab.interrupt()).toBe(0);
      await lab.restart();
    }
    expect(await listJournal(await finish(runId))).toEqual(undisturbed);
  },
  TEST_TIMEOUT_MS,
);

test(
  'Ctrl-C after the last command, while the run is being ended',
  async () => {
    const before = await countTapeLines(lab.tapeFile);
    const runId = await startRun();
    const commands = undisturbed.filter((line) => line.startsWith('SENT')).length;
    await waitFor('the last command to begin', async () => (await countTapeLines(lab.tapeFile)) >= before + commands);
    expect(await lab.interrupt()).toBe(0);
    await lab.restart();
    expect(await listJournal(await finish(runId))).toEqual(undisturbed);
  },
  TEST_TIMEOUT_MS,
);

test.each(['workcell-worker', 'workflow-worker', 'api'])(
  'SIGTERM to the %s: it ends by itself and the next one goes on',
  async (name) => {
    const before = await countTapeLines(lab.tapeFile);
    const runId = await startRun();
    await waitForCommand(runId, before + 5);
    const pid = (await lab.record()).pids[name] ?? 0;
    expect(isAlive(pid)).toBe(true);
    process.kill(pid, 'SIGTERM');
    expect(await waitForExit(pid, EXIT_TIMEOUT_MS)).toBe(true);
    expect(await listJournal(await finish(runId))).toEqual(undisturbed);
    expect((await lab.record()).pids[name]).not.toBe(pid);
  },
  TEST_TIMEOUT_MS,
);

test(
  'SIGTERM to the workcell worker while the bridge is silent in mid-command: the worker does not wait for it',
  async () => {
    const before = await countTapeLines(lab.tapeFile);
    const runId = await startRun();
    await waitForCommand(runId, before + 5);
    const { bridge, 'workcell-worker': worker } = (await lab.record()).pids;
    expect([bridge, worker].map((pid) => isAlive(pid ?? 0))).toEqual([true, true]);
    process.kill(bridge ?? 0, 'SIGSTOP');
    try {
      process.kill(worker ?? 0, 'SIGTERM');
      expect(await waitForExit(worker ?? 0, EXIT_TIMEOUT_MS)).toBe(true);
    } finally {
      process.kill(bridge ?? 0, 'SIGCONT');
    }
    expect(await listJournal(await finish(runId))).toEqual(undisturbed);
  },
  TEST_TIMEOUT_MS,
);
