// POST stop-all at the workcell worker → the driver's stop method is called for the command that runs, while another machine
// works as fast as it can, against the bare round trip of HTTP and socket on the same way.

import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { RELEASE_PATH, STOP_PATH, type StopRecord, type StopState } from '../domain/stop-all.js';
import { wait, waitFor } from '../test/rig/start-lab.js';
import { BridgeClient } from '../workcell/bridge-client.js';
import { readTape } from './cancel-run.js';
import type { Findings } from './figures.js';
import { measureRatio, median, quantile } from './ratios.js';
import { SLOW_MOTION_MS, type Stage } from './stage.js';

const BLOCKS = 5;
const STOPS_PER_BLOCK = 6;
const GOAL_P99_MS = 50;
const GOAL_RATIO = 3;
/** More than are done meanwhile; the run is cancelled at the end. */
const LOAD_STROKES = 5_000;
const WORKCELL = 'star';

export async function benchStopAll(stage: Stage): Promise<Findings> {
  const bridge = new BridgeClient(stage.record.bridgeSocket);
  const record = JSON.parse(await readFile(path.join(stage.lab.home, 'stop-all', `${WORKCELL}.json`), 'utf8')) as StopRecord;
  const all: { floorsMs: number[]; oursMs: number[] } = { floorsMs: [], oursMs: [] };
  const repeat = async (once: () => Promise<number>, kept: number[]): Promise<number> => {
    const delaysMs: number[] = [];
    for (let k = 0; k < STOPS_PER_BLOCK; k++) delaysMs.push(await once());
    kept.push(...delaysMs);
    return median(delaysMs);
  };
  const load = await stage.start('moves', { parameters: { strokes: LOAD_STROKES } });
  try {
    const ratio = await measureRatio(
      {
        name: 'stop all → driver is told to stop',
        goal: GOAL_RATIO,
        blocks: BLOCKS,
        floor: () => repeat(() => roundTrip(record), all.floorsMs),
        ours: () => repeat(() => stopOurs(stage, bridge, record), all.oursMs),
      },
      stage.say,
    );
    // Those of the block that warms up do not count.
    const [floorsMs, oursMs] = [all.floorsMs.slice(STOPS_PER_BLOCK), all.oursMs.slice(STOPS_PER_BLOCK)];
    const p99 = {
      name: 'stop all → driver is told to stop, p99',
      value: quantile(oursMs, 0.99),
      unit: 'ms',
      goal: { atMost: GOAL_P99_MS },
      detail: `of ${oursMs.length} stops under load; p50 ${median(oursMs).toFixed(1)} ms; round trip p99 ${quantile(floorsMs, 0.99).toFixed(1)} ms`,
      raw: { floorsMs, oursMs },
    } as const;
    return { figures: [ratio, p99] };
  } finally {
    await stage.lab.post(`/runs/${load}/cancel`, {});
    await stage.waitForEnd(load);
    bridge.close();
  }
}

async function stopOurs(stage: Stage, bridge: BridgeClient, record: StopRecord): Promise<number> {
  const before = (await readTape(stage.slowTapeFile)).length;
  const runId = await stage.start('pump_strokes', { parameters: { strokes: 1 }, assets: { pump: 'slow_pump' } });
  await waitFor('the pump to run', async () => (await bridge.request('hello', {})).runningCommands.some((id) => id.startsWith(runId)));
  const postedAtMs = Date.now();
  const { rev } = await ask<StopState>(record, STOP_PATH, { by: 'bench', reason: 'measuring' });
  const halt = await waitFor('the halt on the tape', async () => (await readTape(stage.slowTapeFile)).slice(before).find(({ op }) => op === 'halt'));
  await ask(record, RELEASE_PATH, { by: 'bench', reason: 'measured', rev });
  await stage.waitForEnd(runId);
  // An act is written down when it is over; the driver was told one motion before.
  return halt.at * 1_000 - SLOW_MOTION_MS - postedAtMs;
}

async function roundTrip(record: StopRecord): Promise<number> {
  // Spread like the stops, not all at once.
  await wait(50);
  const beganAtMs = performance.now();
  await ask(record, STOP_PATH, undefined);
  return performance.now() - beganAtMs;
}

async function ask<T>({ url, token }: StopRecord, route: string, body: object | undefined): Promise<T> {
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
  const response = await fetch(`${url}${route}`, body === undefined ? { headers } : { method: 'POST', headers, body: JSON.stringify(body) });
  if (!response.ok) throw new Error(`${route} was answered with ${response.status}: ${await response.text()}`);
  return (await response.json()) as T;
}
