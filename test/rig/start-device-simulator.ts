// Starts a device simulator, the process that holds the physical truth: it is nobody's child but the test's, so it outlives
// every kill of the engine, and may itself be killed and started again on the same files.

import { spawn, type ChildProcessByStdio } from 'node:child_process';
import { mkdir, readFile } from 'node:fs/promises';
import { connect } from 'node:net';
import path from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import type { Json, JsonObject } from '../../domain/json/json.js';
import type { MachineSpec, WorkcellSpec } from '../../domain/workcells/workcell-spec.js';
import { prepareVenv } from '../../local/python-venv.js';
import { findProjectRoot } from '../../platform/paths.js';
import { readSettings } from '../../platform/settings.js';

const READY_TEXT = 'ready';

export interface DeviceSimulatorOptions {
  /** Where socket, tape and state stand; it is left as it is. */
  readonly folder: string;
  readonly motionMs?: number;
}

/** A line of the tape: one physical act. */
export interface TapeLine {
  readonly n: number;
  readonly atMs: number;
  readonly monoNs: number;
  readonly device: string | null;
  readonly kind: string;
  readonly op: string;
  readonly args: JsonObject;
  readonly commandId: string | null;
  readonly fence: number | null;
  readonly outcome: 'done' | 'part' | 'cut';
  readonly isRead: boolean;
  readonly before: JsonObject;
  readonly after: JsonObject;
}

export interface Physics {
  readonly wells: Readonly<Record<string, number>>;
  readonly tips: Readonly<Record<string, boolean>>;
  readonly places: Readonly<Record<string, string>>;
  readonly channels: Readonly<Record<string, Readonly<Record<string, { tip: string; volumeUl: number } | null>>>>;
  readonly devices: Readonly<Record<string, JsonObject>>;
}

export interface DeviceSimulator {
  readonly socket: string;
  readonly tape: string;
  /** Of the process that runs now. */
  readonly pid: () => number;
  /** Plans a fault and gives its id; the members are those of `faults.py`. */
  addFault(fault: JsonObject): Promise<number>;
  /** How often the fault has fired. */
  countFired(faultId: number): Promise<number>;
  control(name: string, given?: JsonObject): Promise<Json>;
  readTape(): Promise<readonly TapeLine[]>;
  readPhysics(): Promise<Physics>;
  /** SIGKILL; resolves when the process has gone. */
  kill(): Promise<void>;
  /** Starts it again, whether it was killed or has died of a fault. */
  restart(): Promise<void>;
  /** Ends the process. */
  close(): Promise<void>;
}

export async function startDeviceSimulator({ folder, motionMs = 0 }: DeviceSimulatorOptions): Promise<DeviceSimulator> {
  await mkdir(folder, { recursive: true });
  const [socket, tape, state] = ['device.sock', 'tape.jsonl', 'state.json'].map((name) => path.join(folder, name)) as [
    string,
    string,
    string,
  ];
  const root = findProjectRoot();
  const { cache, python } = readSettings();
  const program = await prepareVenv({ cache, requirementsFile: path.join(root, 'bridge', 'requirements.txt'), python });
  const args = [
    '-m',
    'device_simulator',
    '--socket',
    socket,
    '--tape',
    tape,
    '--state',
    state,
    '--motion-ms',
    String(motionMs),
    '--print-ready',
  ];
  const start = (): Promise<Running> => launch(program, args, path.join(root, 'bridge'));
  let running = await start();
  const end = async (): Promise<void> => {
    if (running.process.exitCode === null && running.process.signalCode === null) running.process.kill('SIGKILL');
    await running.ended;
  };
  const control = (name: string, given: JsonObject = {}): Promise<Json> => ask(socket, { control: name, ...given });
  return {
    socket,
    tape,
    pid: () => running.process.pid ?? 0,
    control,
    addFault: async (fault) => ((await control('faults.add', { fault })) as { faultId: number }).faultId,
    countFired: async (faultId) => {
      const { faults } = (await control('faults.list')) as { faults: { faultId: number; fired: number }[] };
      return faults.find((fault) => fault.faultId === faultId)?.fired ?? 0;
    },
    readTape: async () => parseTape(await readFile(tape, 'utf8').catch(() => '')),
    readPhysics: async () => (await control('physics.read')) as unknown as Physics,
    kill: end,
    restart: async () => {
      await end();
      running = await start();
    },
    close: end,
  };
}

/** The workcell with its liquid handlers in the device simulator; the other machines stay as they are. */
export function toDeviceSimulator(spec: WorkcellSpec, socket: string): WorkcellSpec {
  const move = (machine: MachineSpec): MachineSpec =>
    machine.frontend === 'LiquidHandler'
      ? { ...machine, backend: 'DeviceLiquidHandlerBackend', backendArguments: { socket, device: machine.name } }
      : machine;
  return { ...spec, machines: spec.machines.map(move) };
}

interface Running {
  readonly process: ChildProcessByStdio<null, Readable, Readable>;
  readonly ended: Promise<unknown>;
}

async function launch(program: string, args: readonly string[], cwd: string): Promise<Running> {
  const process = spawn(program, args, { cwd, stdio: ['ignore', 'pipe', 'pipe'] });
  const errors: string[] = [];
  process.stderr.on('data', (chunk: Buffer) => errors.push(chunk.toString()));
  const ended = new Promise((resolve) => process.once('exit', resolve));
  const ready = new Promise<boolean>((resolve) => {
    createInterface(process.stdout).on('line', (line) => {
      resolve(line === READY_TEXT);
    });
    void ended.then(() => {
      resolve(false);
    });
  });
  if (!(await ready)) throw new Error(`The device simulator did not start:\n${errors.join('')}`);
  return { process, ended };
}

/** One request on a connection of its own. */
function ask(socket: string, request: JsonObject): Promise<Json> {
  return new Promise((resolve, reject) => {
    const connection = connect(socket, () => connection.write(`${JSON.stringify({ id: 1, ...request })}\n`));
    connection.once('error', reject);
    connection.once('close', () => {
      reject(new Error(`The device simulator did not answer ${JSON.stringify(request)}.`));
    });
    createInterface(connection).once('line', (line) => {
      const reply = JSON.parse(line) as { ok: boolean; result?: Json; error?: { message: string } };
      if (reply.ok) resolve(reply.result ?? null);
      else reject(new Error(`The device simulator refused ${JSON.stringify(request)}: ${reply.error?.message ?? line}`));
      connection.end();
    });
  });
}

/** Without a last line that is being written. */
function parseTape(text: string): readonly TapeLine[] {
  return text
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line) as TapeLine);
}
