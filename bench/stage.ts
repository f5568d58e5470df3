// Where benches take place: a lab of its own with the machines they need, bare Temporal workers beside it on the same
// server, and the plain Python of the floor.

import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Client, Connection } from '@temporalio/client';
import { bundleWorkflowCode, DefaultLogger } from '@temporalio/worker';
import type { Command } from '../domain/runs/command.js';
import type { JsonObject } from '../domain/json/json.js';
import type { MachineSpec } from '../domain/workcells/workcell-spec.js';
import type { Run } from '../domain/runs/run.js';
import { prepareVenv } from '../local/python-venv.js';
import { findProjectRoot } from '../platform/paths.js';
import { readSettings } from '../platform/settings.js';
import { startLab, waitFor, type Lab, type LabRecord } from '../test/rig/start-lab.js';
import { openFleet, type Fleet } from './fleet.js';
import type { MethodCall } from './floor-python.js';

/** Long enough that what is asked of it in the middle finds it running. */
export const SLOW_MOTION_MS = 1_000;
export const QUICK_MOTION_MS = 300;
/** Long enough to see what a command costs while nothing happens but its motion. */
export const LONG_MOTION_MS = 10_000;
const START_WAIT_MS = 10_000;

/** What a run is started with; the lab chooses assets that are not named. */
export interface Given {
  readonly parameters?: JsonObject;
  readonly assets?: Readonly<Record<string, string>>;
}

/** A protocol that ships and calls no other, so that all its commands stand in one history. */
export const FLAT_RUN: readonly [protocol: string, given: Given] = [
  'simple_transfer',
  { parameters: { sourceWells: 'A1:A12', destWells: 'B1:B12' } },
];

export interface Stage {
  readonly lab: Lab;
  readonly record: LabRecord;
  readonly temporal: Client;
  /** The Python with PyLabRobot. */
  readonly python: string;
  readonly workcellFile: string;
  /** Everything in it is deleted at the end. */
  readonly folder: string;
  /** File with a line for each stroke of the slow pump. */
  readonly slowTapeFile: string;
  /** Shared by all benches of this process. */
  readonly cache: string;
  readonly say: (line: string) => void;
  /** Workcells beside the one that the lab supervises. */
  readonly fleet: Fleet;
  start(protocol: string, given?: Given): Promise<string>;
  /** Waits by Temporal's long poll, as the floor does: asking the API again and again would cost ours time. */
  runToEnd(protocol: string, given?: Given): Promise<Run>;
  waitForEnd(runId: string): Promise<Run>;
  listCommands(runId: string): Promise<readonly Command[]>;
  /** The commands of a run as the floor makes them. */
  readCalls(runId: string): Promise<readonly MethodCall[]>;
  executeFloor(workflow: string, args: readonly unknown[]): Promise<{ readonly workflowId: string; readonly result: unknown }>;
  toFloorId(workflow: string): string;
  /** Of the bare workers, with the Python below them; the server is the lab's. */
  readonly floorPid: number;
  /** A process with bare workers that take nothing; resolves when it is ready to. */
  startIdleFloorWorker(): Promise<{ end(): Promise<void> }>;
  close(): Promise<void>;
}

export async function setStage(say: (line: string) => void): Promise<Stage> {
  const root = findProjectRoot();
  const { cache } = readSettings();
  const folder = await mkdtemp(path.join(tmpdir(), 'praxis-bench-'));
  const slowTapeFile = path.join(folder, 'slow-pump.jsonl');
  const python = await prepareVenv({ cache, requirementsFile: path.join(root, 'bridge', 'requirements.txt'), python: null });
  const lab = await startLab({
    protocols: ['bench/protocols'],
    isCounting: false,
    changeWorkcell: (spec) => ({ ...spec, machines: [...spec.machines, ...listPumps(slowTapeFile)] }),
  });
  const record = await lab.record();
  const workcellFile = path.join(lab.home, 'workcell.json');
  const bundleFile = path.join(folder, 'floor-workflows.js');
  const { code } = await bundleWorkflowCode({
    workflowsPath: path.join(root, 'bench', 'floor-workflows.ts'),
    logger: new DefaultLogger('ERROR'),
  });
  await writeFile(bundleFile, code);
  const floor = await spawnFloorWorker([record.temporalAddress, bundleFile, python, workcellFile]);
  const connection = await Connection.connect({ address: record.temporalAddress });
  const temporal = new Client({ connection, namespace: 'praxis' });
  const running = createRunning(lab, temporal);
  const fleet = openFleet({ lab, databaseUrl: record.databaseUrl, python, say, ...running });
  return {
    ...{ lab, record, temporal, python, workcellFile, folder, slowTapeFile, cache, say, fleet },
    ...running,
    ...createFloorRunning(temporal),
    floorPid: floor.pid ?? 0,
    startIdleFloorWorker: async () => {
      const idle = await spawnFloorWorker([record.temporalAddress, bundleFile]);
      return { end: () => endFloorWorker(idle) };
    },
    close: async () => {
      await connection.close();
      await endFloorWorker(floor);
      await fleet.close();
      await lab.end();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

function createRunning(lab: Lab, temporal: Client): Pick<Stage, 'start' | 'runToEnd' | 'waitForEnd' | 'listCommands' | 'readCalls'> {
  const start = async (protocol: string, given: Given = {}): Promise<string> => {
    const run = await lab.api.startRun({ body: { protocol, ...given } });
    return run.id;
  };
  const waitForEnd = async (runId: string): Promise<Run> => {
    const handle = temporal.workflow.getHandle(runId);
    await waitFor(
      `run ${runId} to be in Temporal`,
      () =>
        handle.describe().then(
          () => true,
          () => undefined,
        ),
      { timeoutMs: START_WAIT_MS },
    );
    // How it ended is read from its row.
    await handle.result().catch(() => undefined);
    return await lab.api.getRun({ params: { id: runId } });
  };
  const listCommands = async (runId: string): Promise<readonly Command[]> => {
    const all = await lab.api.readAll('listCommands', { params: { id: runId } });
    return all.sort((a, b) => toMs(a.beganAt) - toMs(b.beganAt));
  };
  return {
    start,
    waitForEnd,
    listCommands,
    runToEnd: async (protocol, given) => {
      const run = await waitForEnd(await start(protocol, given));
      if (run.status !== 'completed') throw new Error(`Run ${run.id} of ${protocol} ended ${run.status}: ${JSON.stringify(run.error)}`);
      return run;
    },
    readCalls: async (runId) => (await listCommands(runId)).map((command) => [command.method, command.arguments]),
  };
}

function createFloorRunning(temporal: Client): Pick<Stage, 'executeFloor' | 'toFloorId'> {
  let lastId = 0;
  const toFloorId = (workflow: string): string => `${workflow}-${process.pid}-${++lastId}`;
  return {
    toFloorId,
    executeFloor: async (workflow, args) => {
      const workflowId = toFloorId(workflow);
      const result: unknown = await temporal.workflow.execute(workflow, { taskQueue: 'floor.workflows', workflowId, args: [...args] });
      return { workflowId, result };
    },
  };
}

/** Of a time as the API gives it; a command that has not begun comes last. */
export function toMs(at: string | null | undefined): number {
  return at ? Date.parse(at) : Infinity;
}

function listPumps(slowTapeFile: string): readonly MachineSpec[] {
  const pump = { frontend: 'Pump', backend: 'PumpSimulatorBackend', mode: 'simulation' } as const;
  return [
    { ...pump, name: 'slow_pump', backendArguments: { motion_s: SLOW_MOTION_MS / 1_000, tape_file: slowTapeFile } },
    { ...pump, name: 'instant_pump', backendArguments: {} },
    { ...pump, name: 'quick_pump', backendArguments: { motion_s: QUICK_MOTION_MS / 1_000 } },
    { ...pump, name: 'long_pump', backendArguments: { motion_s: LONG_MOTION_MS / 1_000 } },
  ];
}

async function spawnFloorWorker(args: readonly string[]): Promise<ChildProcess> {
  const root = findProjectRoot();
  // The floor has the settings of Node that ours has, so that the ratio is of the engines.
  const options = ['--require', path.join(root, 'slots', 'without-promise-traces.cjs'), '--enable-source-maps'];
  const program = path.join(root, 'dist', 'bench', 'floor-worker.js');
  const child = spawn(process.execPath, [...options, program, ...args], { stdio: ['pipe', 'pipe', 'inherit'] });
  await new Promise<void>((resolve, reject) => {
    child.stdout.once('data', () => {
      resolve();
    });
    child.once('exit', (code) => {
      reject(new Error(`The floor's workers ended with ${code} before they were ready.`));
    });
  });
  return child;
}

async function endFloorWorker(child: ChildProcess): Promise<void> {
  const ended = new Promise((resolve) => child.once('exit', resolve));
  child.stdin?.end();
  await ended;
}
