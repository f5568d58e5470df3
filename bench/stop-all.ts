// POST stop-all to the workcell worker → the driver's stop arrives at the instrument, while other workcells work, against HTTP
// and a socket to the same instrument with nothing between. Both by the clock of the instrument's tape.

import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { createInterface } from 'node:readline';
import type { StopRecord, StopState } from '../domain/workcells/stop-all.js';
import { RELEASE_PATH, STOP_FOLDER, STOP_PATH } from '../domain/workcells/stop-all.js';
import { findProjectRoot } from '../platform/paths.js';
import { startDeviceSimulator, type DeviceSimulator } from '../test/rig/start-device-simulator.js';
import { wait, waitFor } from '../test/rig/start-lab.js';
import { BridgeClient } from '../workcell/bridge-client.js';
import type { Findings } from './figures.js';
import { median, quantile } from './ratios.js';
import type { Stage } from './stage.js';

/** Each with a command a second. */
const LOAD_WORKCELLS = 50;
const SAMPLES = 100;
/** The first ones connect and compile. */
const WARM_UP_SAMPLES = 5;
const GOAL_P99_MS = 50;
/** Longer than it takes to stop it. */
const MOTION_MS = 5_000;
/** Stops come at any moment of a motion. */
const LONGEST_PHASE_MS = 200;
const STROKES = 1_000;
const PUMP = 'stop_pump';
const FLOOR_PUMP = 'stop_floor_pump';

interface Post {
  readonly url: string;
  readonly token: string;
  readonly body: object;
}

export async function benchStopAll(stage: Stage): Promise<Findings> {
  const device = await startDeviceSimulator({ folder: path.join(stage.folder, 'stop-device'), motionMs: MOTION_MS });
  const floor = await startFloor(device.socket);
  const pump = {
    name: PUMP,
    frontend: 'Pump',
    backend: 'DevicePumpBackend',
    backendArguments: { socket: device.socket, device: PUMP },
    mode: 'simulation',
  } as const;
  const workcell = await stage.fleet.add({ name: 'stop_cell', machines: [pump], deck: null, labware: [] });
  const bridge = new BridgeClient(workcell.bridgeSocket);
  const record = JSON.parse(await readFile(path.join(workcell.home, STOP_FOLDER, `${workcell.name}.json`), 'utf8')) as StopRecord;
  const [floorsMs, oursMs]: [number[], number[]] = [[], []];
  try {
    await stage.fleet.pace(LOAD_WORKCELLS);
    const runId = await stage.start('stopped_strokes', { parameters: { strokes: STROKES }, assets: { pump: PUMP } });
    for (let k = 0; k < WARM_UP_SAMPLES + SAMPLES; k++) {
      await waitFor('the pump to run', async () => (await bridge.request('hello', {})).runningCommands.some((id) => id.startsWith(runId)));
      await wait((k * 37) % LONGEST_PHASE_MS);
      floorsMs.push(await measureHalt(device, FLOOR_PUMP, { url: floor.url, token: '', body: {} }));
      oursMs.push(
        await measureHalt(device, PUMP, {
          url: `${record.url}${STOP_PATH}`,
          token: record.token,
          body: { by: 'bench', reason: `stop ${k}` },
        }),
      );
      await release(record);
      if (k % 20 === 0)
        stage.say(
          `  stop all: ${k} of ${WARM_UP_SAMPLES + SAMPLES}, floor ${floorsMs.at(-1)?.toFixed(1)} ms, ours ${oursMs.at(-1)?.toFixed(1)} ms`,
        );
    }
    await stage.lab.api.cancelRun({ params: { id: runId } });
    await stage.waitForEnd(runId);
    return toFindings(floorsMs.slice(WARM_UP_SAMPLES), oursMs.slice(WARM_UP_SAMPLES));
  } finally {
    bridge.close();
    await stage.fleet.rest();
    floor.process.stdin?.end();
    await device.close();
  }
}

/** From before the POST until the instrument has noted the halt; both clocks are the system's monotonic one. */
async function measureHalt(device: DeviceSimulator, name: string, { url, token, body }: Post): Promise<number> {
  const before = (await device.readTape()).length;
  const postedAtNs = process.hrtime.bigint();
  await post({ url, token, body });
  const halt = await waitFor(`the halt of ${name}`, async () =>
    (await device.readTape()).slice(before).find((line) => line.device === name && line.op === 'halt'),
  );
  return (halt.monoNs - Number(postedAtNs)) / 1e6;
}

async function release({ url, token }: StopRecord): Promise<void> {
  const { rev } = (await send(`${url}${STOP_PATH}`, { method: 'GET', token })) as StopState;
  const state = (await post({ url: `${url}${RELEASE_PATH}`, token, body: { rev, by: 'bench', reason: 'next' } })) as StopState;
  if (state.isStopped) throw new Error(`The stop was not lifted: ${JSON.stringify(state)}`);
}

function post({ url, token, body }: Post): Promise<unknown> {
  return send(url, { method: 'POST', token, body: JSON.stringify(body) });
}

async function send(url: string, { token, ...request }: { method: string; token: string; body?: string }): Promise<unknown> {
  const response = await fetch(url, { ...request, headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` } });
  const text = await response.text();
  if (!response.ok) throw new Error(`${url} answered ${response.status}: ${text}`);
  return JSON.parse(text);
}

async function startFloor(socket: string): Promise<{ readonly url: string; readonly process: ChildProcess }> {
  const program = path.join(findProjectRoot(), 'dist', 'bench', 'floor-stop.js');
  const child = spawn(process.execPath, [program, socket, FLOOR_PUMP], { stdio: ['pipe', 'pipe', 'inherit'] });
  const [line] = (await once(createInterface({ input: child.stdout }), 'line')) as [string];
  return { url: `http://127.0.0.1:${(JSON.parse(line) as { port: number }).port}`, process: child };
}

function toFindings(floorsMs: readonly number[], oursMs: readonly number[]): Findings {
  const floor = `floor p50 ${median(floorsMs).toFixed(1)} ms, p99 ${quantile(floorsMs, 0.99).toFixed(1)} ms`;
  const detail = `of ${oursMs.length} stops beside ${LOAD_WORKCELLS} workcells with a command a second; p50 ${median(oursMs).toFixed(1)} ms; ${floor}`;
  return {
    figures: [
      {
        name: 'stop all → driver is told to stop, p99',
        value: quantile(oursMs, 0.99),
        unit: 'ms',
        goal: { atMost: GOAL_P99_MS },
        detail,
        raw: { floorsMs, oursMs },
      },
    ],
  };
}
