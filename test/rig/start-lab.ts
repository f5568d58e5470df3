// Starts a whole lab as a user would (`node dist/local/lab.js`) in a home and on ports of its own, and ends
// every process it started. Tests kill single processes by the pids of the lab's own record.

import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync } from 'node:fs';
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createClient, type Client } from '../../contract/client/client.js';
import { API_PREFIX } from '../../contract/words/api.js';
import type { JsonObject } from '../../domain/json/json.js';
import type { WorkcellSpec } from '../../domain/workcells/workcell-spec.js';
import { findFreePorts } from '../../local/free-ports.js';
import { findProjectRoot } from '../../platform/paths.js';

const READY_WAIT_MS = 120_000;
const STOP_WAIT_MS = 60_000;
const POLL_INTERVAL_MS = 50;
/** The API's port and those that follow it. */
const PORTS_NEEDED = 12;
/** Postgres, which root starts as another user, must get to its data; else the data moves to a place that no test cleans up. */
const HOME_MODE = 0o711;

export interface LabOptions {
  /** Seconds that every simulated motion takes. */
  readonly motionS?: number;
  /** Folders of protocols beside the library, relative to the project. */
  readonly protocols?: readonly string[];
  /** False for PyLabRobot's own simulated backend, which neither counts nor takes time. */
  readonly isCounting?: boolean;
  /** Labware that stays as a run leaves it, instead of being replaced by a fresh item at its end. */
  readonly keptAsUsed?: readonly string[];
  /** Settings beside those of the rig. */
  readonly settings?: Readonly<Record<string, string>>;
  /** Makes of the workcell what the test wants it to be. */
  readonly changeWorkcell?: (spec: WorkcellSpec, tapeFile: string) => WorkcellSpec;
}

export interface Lab {
  readonly home: string;
  readonly url: string;
  /** The API as its clients use it; `get` and `post` are for what only a test sends. */
  readonly api: Client;
  /** The file in which the counting backend syncs a line at each backend call. */
  readonly tapeFile: string;
  readonly env: Readonly<Record<string, string>>;
  record(): Promise<LabRecord>;
  get<T>(route: string): Promise<T>;
  post(route: string, body: unknown, headers?: Readonly<Record<string, string>>): Promise<{ status: number; body: JsonObject }>;
  /** SIGKILL to one process of the lab, by its name in the record. */
  kill(name: string): Promise<void>;
  /** Ctrl-C to the supervisor; resolves with its exit code. */
  interrupt(): Promise<number | null>;
  /** SIGKILL to the supervisor alone. */
  killSupervisor(): Promise<void>;
  /** Starts the supervisor again on the same home. */
  restart(): Promise<void>;
  /** Ends everything and deletes the home. */
  end(): Promise<void>;
}

export interface LabRecord {
  readonly api: string;
  readonly temporalUi: string;
  readonly temporalAddress: string;
  readonly databaseUrl: string;
  readonly bridgeSocket: string;
  readonly pids: Readonly<Record<string, number>>;
}

export async function startLab(options: LabOptions = {}): Promise<Lab> {
  const root = findProjectRoot();
  const home = await mkdtemp(path.join(tmpdir(), 'praxis-lab-'));
  await chmod(home, HOME_MODE);
  const tapeFile = path.join(home, 'tape.jsonl');
  const workcellFile = path.join(home, 'workcell.json');
  const demo = JSON.parse(await readFile(path.join(root, 'deploy', 'demo-workcell.json'), 'utf8')) as WorkcellSpec;
  const counting = options.isCounting === false ? demo : toCounting(demo, { tapeFile, motionS: options.motionS ?? 0 });
  const workcell = toKeepingUsed(counting, options.keptAsUsed ?? []);
  await writeFile(workcellFile, JSON.stringify(options.changeWorkcell?.(workcell, tapeFile) ?? workcell));
  const port = await findFreePorts(PORTS_NEEDED);
  const url = `http://127.0.0.1:${port}`;
  const env: Record<string, string> = {
    ...(process.env as Record<string, string>),
    PRAXIS_HOME: home,
    PRAXIS_PORT: String(port),
    PRAXIS_DEMO: '0',
    PRAXIS_WORKCELL_FILE: workcellFile,
    PRAXIS_PROTOCOLS: (options.protocols ?? []).map((folder) => path.resolve(root, folder)).join(path.delimiter),
    ...options.settings,
  };
  delete env['NODE_OPTIONS'];
  let supervisor = launch(root, env);
  const readRecord = async (): Promise<LabRecord> => JSON.parse(await readFile(path.join(home, 'lab.json'), 'utf8')) as LabRecord;

  const lab: Lab = {
    home,
    url,
    api: createClient({ url }),
    tapeFile,
    env,
    record: readRecord,
    get: async <T>(route: string) => (await (await fetch(`${url}${API_PREFIX}${route}`)).json()) as T,
    post: async (route, body, headers = {}) => {
      const response = await fetch(`${url}${API_PREFIX}${route}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...headers },
        body: typeof body === 'string' ? body : JSON.stringify(body),
      });
      return { status: response.status, body: (await response.json()) as JsonObject };
    },
    kill: async (name) => {
      const pid = (await readRecord()).pids[name];
      if (pid === undefined) throw new Error(`The lab record names no process ${name}: ${JSON.stringify((await readRecord()).pids)}`);
      process.kill(pid, 'SIGKILL');
    },
    interrupt: async () => {
      supervisor.process.kill('SIGINT');
      return supervisor.ended;
    },
    killSupervisor: async () => {
      supervisor.process.kill('SIGKILL');
      await supervisor.ended;
    },
    restart: async () => {
      supervisor = launch(root, env);
      await waitReady(lab, supervisor);
    },
    end: async () => {
      const leftovers = existsSync(path.join(home, 'lab.json')) ? Object.values((await readRecord()).pids ?? {}) : [];
      if (supervisor.process.exitCode === null) supervisor.process.kill('SIGTERM');
      const tooLong = new AbortController();
      await Promise.race([supervisor.ended, wait(STOP_WAIT_MS, tooLong.signal)]);
      tooLong.abort();
      // The supervisor ends all of them; what it left is killed by pid.
      for (const pid of leftovers) if (isAlive(pid)) process.kill(pid, 'SIGKILL');
      await rm(home, { recursive: true, force: true });
    },
  };
  try {
    await waitReady(lab, supervisor);
  } catch (error) {
    await lab.end();
    throw error;
  }
  return lab;
}

interface Supervisor {
  readonly process: ChildProcess;
  readonly ended: Promise<number | null>;
  readonly output: () => string;
}

function launch(root: string, env: Record<string, string>): Supervisor {
  const child = spawn(process.execPath, [path.join(root, 'dist', 'local', 'lab.js'), '--no-demo'], {
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
    cwd: root,
  });
  const output: string[] = [];
  child.stdout.on('data', (chunk: Buffer) => output.push(chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => output.push(chunk.toString()));
  const ended = new Promise<number | null>((resolve) =>
    child.once('exit', (code) => {
      resolve(code);
    }),
  );
  return { process: child, ended, output: () => output.join('').slice(-4_000) };
}

async function waitReady(lab: Lab, supervisor: Supervisor): Promise<void> {
  const isUp = async (): Promise<boolean> => {
    if (supervisor.process.exitCode !== null) throw new Error(`The lab ended before it was up:\n${supervisor.output()}`);
    if (!supervisor.output().includes(lab.url)) return false;
    return (await fetch(lab.api.toUrl('getHealth', {})).catch(() => undefined))?.ok ?? false;
  };
  await waitFor('the lab to be up', isUp, { timeoutMs: READY_WAIT_MS, explain: supervisor.output });
}

/** Polls until the condition holds; the failure says what was waited for and how things stood. */
export async function waitFor<T>(
  what: string,
  look: () => Promise<T | false | undefined>,
  options: { timeoutMs?: number; explain?: () => string } = {},
): Promise<T> {
  const timeoutMs = options.timeoutMs ?? 60_000;
  const giveUpAtMs = Date.now() + timeoutMs;
  for (;;) {
    const found = await look();
    if (found !== false && found !== undefined) return found;
    if (Date.now() > giveUpAtMs) throw new Error(`Waited ${timeoutMs} ms for ${what}. ${options.explain?.() ?? ''}`);
    await wait(POLL_INTERVAL_MS);
  }
}

/** Resolves after the time, or at once when the signal says that nobody waits any more. */
export function wait(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    signal?.addEventListener('abort', () => {
      clearTimeout(timer);
      resolve();
    });
  });
}

/** The workcell with liquid handlers that count and take their time; the other machines stay as they are. */
export function toCounting(spec: WorkcellSpec, { tapeFile, motionS }: { tapeFile?: string; motionS: number }): WorkcellSpec {
  const backendArguments = { ...(tapeFile === undefined ? {} : { tape_file: tapeFile }), motion_s: motionS };
  const machines = spec.machines.map((machine) =>
    machine.frontend === 'LiquidHandler' ? { ...machine, backend: 'CountingSTARChatterboxBackend', backendArguments } : machine,
  );
  return { ...spec, machines };
}

function toKeepingUsed(spec: WorkcellSpec, names: readonly string[]): WorkcellSpec {
  return { ...spec, labware: spec.labware.map((item) => (names.includes(item.name) ? { ...item, autoReplace: false } : item)) };
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    // ESRCH: it is gone.
    return false;
  }
}
