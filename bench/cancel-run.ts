// POST cancel → the driver's stop method is called for the command that runs, against Temporal's cancel of a workflow → its
// heartbeating activity says stop on a socket. The floor beats as often as activities had to while a cancel came that way.

import { readFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { BridgeClient } from '../workcell/bridge-client.js';
import { wait, waitFor } from '../test/rig/start-lab.js';
import type { Findings } from './figures.js';
import { measureRatio, median, quantile } from './ratios.js';
import { SLOW_MOTION_MS, type Stage } from './stage.js';

const BLOCKS = 5;
const CANCELS_PER_BLOCK = 6;
const GOAL_RATIO = 1.5;
/** Cancels come at any phase of the floor's heartbeat, one after the other. */
const HEARTBEAT_THROTTLE_MS = 200;
const STOP_WAIT_MS = 10_000;

export async function benchCancel(stage: Stage): Promise<Findings> {
  const bridge = new BridgeClient(stage.record.bridgeSocket);
  const instrument = await openInstrument(path.join(stage.folder, 'instrument.sock'));
  const all: { floorsMs: number[]; oursMs: number[] } = { floorsMs: [], oursMs: [] };
  const repeat = async (once: () => Promise<number>, kept: number[]): Promise<number> => {
    const delaysMs: number[] = [];
    for (let k = 0; k < CANCELS_PER_BLOCK; k++) delaysMs.push(await once());
    kept.push(...delaysMs);
    return median(delaysMs);
  };
  let phase = 0;
  const waitForPhase = (): Promise<void> => wait(50 + ((phase++ * 37) % HEARTBEAT_THROTTLE_MS));
  try {
    const figure = await measureRatio(
      {
        name: 'cancel → driver is told to stop',
        goal: GOAL_RATIO,
        blocks: BLOCKS,
        floor: () => repeat(() => cancelFloor(stage, instrument, waitForPhase), all.floorsMs),
        ours: () => repeat(() => cancelOurs(stage, bridge, waitForPhase), all.oursMs),
      },
      stage.say,
    );
    // Those of the block that warms up do not count.
    const [eachFloorMs, eachOursMs] = [all.floorsMs.slice(CANCELS_PER_BLOCK), all.oursMs.slice(CANCELS_PER_BLOCK)];
    const worst = `p95 floor ${quantile(eachFloorMs, 0.95).toFixed(0)} ms, ours ${quantile(eachOursMs, 0.95).toFixed(0)} ms`;
    return { figures: [{ ...figure, detail: `${figure.detail}; ${worst}`, raw: { ...figure.raw, eachFloorMs, eachOursMs } }] };
  } finally {
    bridge.close();
    instrument.close();
  }
}

async function cancelOurs(stage: Stage, bridge: BridgeClient, waitForPhase: () => Promise<void>): Promise<number> {
  const before = (await readTape(stage.slowTapeFile)).length;
  const runId = await stage.start('pump_strokes', { parameters: { strokes: 3 }, assets: { pump: 'slow_pump' } });
  await waitFor('the pump to run', async () => (await bridge.request('hello', {})).runningCommands.some((id) => id.startsWith(runId)));
  await waitForPhase();
  const postedAtMs = Date.now();
  await stage.lab.api.cancelRun({ params: { id: runId } });
  await stage.waitForEnd(runId);
  const halt = await waitFor(
    'the halt on the tape',
    async () => (await readTape(stage.slowTapeFile)).slice(before).find(({ op }) => op === 'halt'),
    { timeoutMs: STOP_WAIT_MS },
  );
  // An act is written down when it is over; the driver was told one motion before.
  return halt.at * 1_000 - SLOW_MOTION_MS - postedAtMs;
}

async function cancelFloor(stage: Stage, instrument: Instrument, waitForPhase: () => Promise<void>): Promise<number> {
  const workflowId = stage.toFloorId('bareMotion');
  const began = instrument.waitFor('began');
  const handle = await stage.temporal.workflow.start('bareMotion', {
    taskQueue: 'floor.workflows',
    workflowId,
    args: [instrument.socketPath],
  });
  await began;
  await waitForPhase();
  const stopped = instrument.waitFor('stopped');
  const cancelledAtMs = Date.now();
  await handle.cancel();
  return (await stopped) - cancelledAtMs;
}

export async function readTape(file: string): Promise<readonly { op: string; at: number }[]> {
  // Before its first stroke the pump has no tape.
  const text = await readFile(file, 'utf8').catch(() => '');
  return text
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line) as { op: string; at: number });
}

interface Instrument {
  readonly socketPath: string;
  /** When the line came, in ms since 1970. */
  waitFor(line: string): Promise<number>;
  close(): void;
}

async function openInstrument(socketPath: string): Promise<Instrument> {
  const waiting = new Map<string, (atMs: number) => void>();
  const server = createServer((socket) => {
    createInterface({ input: socket }).on('line', (line) => waiting.get(line)?.(Date.now()));
  });
  await new Promise<void>((resolve) => server.listen(socketPath, resolve));
  return {
    socketPath,
    waitFor: (line) => new Promise((resolve) => waiting.set(line, resolve)),
    close: () => {
      server.close();
    },
  };
}
