// The lab of a campaign: Postgres and Temporal of our own behind proxies, the device simulator, and a whole lab as a user
// starts it, from this build or from another one. Every process is known by its pid and ended by it.

import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync, openSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { findFreePorts } from '../../local/free-ports.js';
import { ensureDatabase, startPostgres, type PostgresServer } from '../../local/postgres.js';
import { isAlive, signalProcess } from '../../local/process-identity.js';
import type { RunningProcess } from '../../local/running-process.js';
import { findOrBuildTemporal } from '../../local/temporal-binary.js';
import { startTemporal } from '../../local/temporal.js';
import { findProjectRoot } from '../../platform/paths.js';
import { readSettings } from '../../platform/settings.js';
import { LOST_HISTORIES_FILE, OBSERVATIONS_FILE, TAPE_FILE, type LabPlaces } from '../check/read-lab.js';
import { makeFalseClock, type FalseClock } from './false-clock.js';
import { killHome } from './lab-processes.js';
import { ask, createNote, type Note } from './observer.js';
import { createClient, type Client } from '../../contract/client/client.js';
import { startProxy, type Proxy } from './proxy.js';
import { startSimulator, type Simulator } from './simulator.js';
import { makeSmallDisk, type SmallDisk } from './small-disk.js';
import { makeWorkcell } from './workcell.js';

/** Long enough for kills to land inside of motions, short enough for many cases. */
const MOTION_MS = 25;
const READY_TIMEOUT_MS = 120_000;
const STOP_TIMEOUT_MS = 40_000;
const POLL_MS = 100;
const PORTS_NEEDED = 5;
/** Postgres, which root starts as another user, must get to its data. */
const HOME_MODE = 0o711;

export interface Rig {
  readonly home: string;
  /** The API of the lab. */
  readonly api: Client;
  readonly bridgeSocket: string;
  readonly simulator: Simulator;
  readonly proxies: { readonly temporal: Proxy; readonly postgres: Proxy };
  readonly note: Note;
  readonly places: LabPlaces;
  /** Of the processes of the lab, by name, with `temporal` and `postgres` of our own. */
  listPids(): Readonly<Record<string, number>>;
  /** Ends a service of our own, by a signal, and starts it again on the same data. */
  restart(service: 'temporal' | 'postgres', signal: 'SIGKILL' | 'SIGTERM', doings?: RestartDoings): Promise<void>;
  /** Of whoever keeps the lab alive, and starts it. */
  supervisorPid(): number | undefined;
  /** Starts the lab where its supervisor has gone. */
  launchLab(): void;
  /** Kills every process of the lab at once, and starts the lab again, for this once with settings beside its own. */
  killLab(settings?: Readonly<Record<string, string>>, whileDown?: () => Promise<void> | void): Promise<void>;
  /** The disk of its journal, its large values and its logs; undefined where that is the one of everything. */
  readonly disk: SmallDisk | undefined;
  /** Sets the clock of the lab's processes by so many seconds beside the true one; undefined where they have the true one. */
  readonly setClock: FalseClock['set'] | undefined;
  isHealthy(): Promise<boolean>;
  /** Ends everything; deletes the home unless it is to be kept. */
  end(options?: { keep: boolean }): Promise<void>;
}

export interface RestartDoings {
  readonly whileDown: () => void;
  /** The service does not start with what it finds: makes that right, and it is started once more. */
  readonly onRefused: (why: unknown) => void;
}

export interface RigOptions {
  /** The folder whose dist/ and bridge/ the lab is started from. */
  readonly engine?: string;
  readonly hasFalseClock?: boolean;
  readonly hasSmallDisk?: boolean;
  /** Events after which workflows continue as new; their own choice where left out. */
  readonly historyBudgetEvents?: number;
}

export async function startRig({
  engine = findProjectRoot(),
  hasFalseClock = false,
  hasSmallDisk = false,
  historyBudgetEvents,
}: RigOptions = {}): Promise<Rig> {
  const root = findProjectRoot();
  const home = await makeHome();
  const disk = hasSmallDisk ? makeSmallDisk(home) : undefined;
  const tapeFile = path.join(home, TAPE_FILE);
  const services = await startServices(home);
  const proxies = {
    temporal: await startProxy(() => ({ port: services.temporalPort })),
    postgres: await startProxy(() => ({ path: services.postgresSocket() })),
  };
  const simulator = await startSimulator({ folder: home, bridgeFolder: path.join(root, 'bridge'), tapeFile, motionMs: MOTION_MS });
  const workcellFile = path.join(home, 'workcell.json');
  writeFileSync(workcellFile, JSON.stringify(makeWorkcell(root, simulator.socket)));
  const clock = hasFalseClock ? makeFalseClock(home) : undefined;
  const port = await findFreePorts(PORTS_NEEDED);
  const env: NodeJS.ProcessEnv = {
    ...toLabEnv({ root, home, port, workcellFile }),
    TEMPORAL_ADDRESS: `127.0.0.1:${proxies.temporal.port}`,
    DATABASE_URL: services.toProxiedUrl(proxies.postgres.port),
    ...(historyBudgetEvents !== undefined && { PRAXIS_HISTORY_BUDGET_EVENTS: String(historyBudgetEvents) }),
    // Else it would take no runs: what such a disk has is never enough.
    ...(disk && { PRAXIS_LEAST_FREE_MIB: '0' }),
    ...clock?.env,
  };
  let lab = launchLab(engine, { env, home });

  const rig: Rig = {
    home,
    api: createClient({ url: `http://127.0.0.1:${port}` }),
    bridgeSocket: path.join(home, 'bridge', 'star.sock'),
    simulator,
    proxies,
    note: createNote(path.join(home, OBSERVATIONS_FILE)),
    places: toPlaces(home, services, tapeFile),
    listPids: () => ({ ...listLabPids(home), ...services.pids() }),
    restart: (service, signal, doings) => services.restart(service, signal, doings),
    supervisorPid: () => lab.pid,
    launchLab: () => {
      lab = launchLab(engine, { env, home });
    },
    disk,
    setClock: clock?.set,
    killLab: async (settings = {}, whileDown = () => undefined) => {
      await killHome(home);
      await whileDown();
      lab = launchLab(engine, { env: { ...env, ...settings }, home });
    },
    isHealthy: async () => (await ask(() => rig.api.getHealth())) !== undefined && readRecord(home)?.status === 'up',
    end: async ({ keep } = { keep: false }) => {
      await stopLab(lab.pid);
      await killHome(home);
      await simulator.stop();
      await Promise.all([proxies.temporal.close(), proxies.postgres.close()]);
      await services.stop();
      if (!keep) disk?.remove();
      if (!keep) await rm(home, { recursive: true, force: true });
    },
  };
  try {
    await waitUntil('the lab to be up', () => rig.isHealthy(), { timeoutMs: READY_TIMEOUT_MS });
  } catch (error) {
    await rig.end({ keep: true });
    throw error;
  }
  return rig;
}

async function makeHome(): Promise<string> {
  const home = await mkdtemp(path.join(tmpdir(), 'praxis-campaign-'));
  await chmod(home, HOME_MODE);
  await mkdir(path.join(home, 'logs'));
  return home;
}

/** Gives the supervisor its time to end by itself. */
async function stopLab(pid: number | undefined): Promise<void> {
  if (pid === undefined || !isAlive(pid)) return;
  process.kill(pid, 'SIGTERM');
  const giveUpAtMs = Date.now() + STOP_TIMEOUT_MS;
  while (isAlive(pid) && Date.now() < giveUpAtMs) await sleep(POLL_MS);
}

function toPlaces(home: string, { databaseUrl, temporalPort }: Services, tapeFile: string): Rig['places'] {
  return {
    ...{ databaseUrl, temporalAddress: `127.0.0.1:${temporalPort}`, namespace: 'praxis' },
    blobFolder: path.join(home, 'blobs'),
    lostHistoriesFile: path.join(home, LOST_HISTORIES_FILE),
    ...{ tapeFile, observationsFile: path.join(home, OBSERVATIONS_FILE) },
    get journalFiles() {
      return listJournals(home);
    },
  };
}

function toLabEnv({
  root,
  home,
  port,
  workcellFile,
}: {
  root: string;
  home: string;
  port: number;
  workcellFile: string;
}): NodeJS.ProcessEnv {
  const { NODE_OPTIONS: _ofThisProcess, ...env } = process.env;
  return {
    ...env,
    ...{ PRAXIS_HOME: home, PRAXIS_PORT: String(port), PRAXIS_DEMO: '0', PRAXIS_WORKCELL_FILE: workcellFile, PRAXIS_RATE_PER_S: '0' },
    PRAXIS_PROTOCOLS: path.join(root, 'test', 'fixtures', 'campaign'),
  };
}

interface Services {
  readonly temporalPort: number;
  readonly databaseUrl: string;
  readonly postgresSocket: () => string;
  readonly toProxiedUrl: (port: number) => string;
  readonly pids: () => Record<string, number>;
  readonly restart: Rig['restart'];
  readonly stop: () => Promise<void>;
}

async function startServices(home: string): Promise<Services> {
  const { cache } = readSettings();
  const temporalPort = await findFreePorts(PORTS_NEEDED);
  const binary = await findOrBuildTemporal({ cache });
  const launch = {
    temporal: () =>
      startTemporal({
        ...{ binary, dataFolder: path.join(home, 'temporal'), logFile: path.join(home, 'logs', 'temporal.log'), namespace: 'praxis' },
        ...{ port: temporalPort, httpPort: temporalPort + 2, metricsPort: temporalPort + 3 },
      }),
    postgres: () =>
      startPostgres({ dataFolder: path.join(home, 'postgres'), durable: true, logFile: path.join(home, 'logs', 'postgres.log') }),
  };
  let temporal: RunningProcess = await launch.temporal();
  let postgres: PostgresServer = await launch.postgres();
  const databaseUrl = await ensureDatabase(postgres.url, 'praxis');
  const socketFolder = new URL(databaseUrl).searchParams.get('host') ?? '';
  return {
    temporalPort,
    databaseUrl,
    postgresSocket: () => path.join(socketFolder, '.s.PGSQL.5432'),
    toProxiedUrl: (port) => `postgres://${new URL(databaseUrl).username || 'postgres'}@127.0.0.1:${port}/praxis`,
    pids: () => ({ temporal: temporal.pid, postgres: postgres.pid }),
    restart: async (service, signal, doings) => {
      const running = service === 'temporal' ? temporal : postgres;
      // SIGINT is the fast shutdown of Postgres; SIGTERM would wait for its clients.
      signalProcess(running.pid, service === 'postgres' && signal === 'SIGTERM' ? 'SIGINT' : signal);
      await running.exited;
      doings?.whileDown();
      const start = async (): Promise<void> => {
        if (service === 'temporal') temporal = await launch.temporal();
        else postgres = await launch.postgres();
      };
      await start().catch((error: unknown) => {
        if (!doings) throw error;
        doings.onRefused(error);
        return start();
      });
    },
    stop: async () => {
      await temporal.stop(STOP_TIMEOUT_MS);
      await postgres.stop();
    },
  };
}

function launchLab(engine: string, { env, home }: { env: NodeJS.ProcessEnv; home: string }): ChildProcess {
  const log = openSync(path.join(home, 'logs', 'lab.log'), 'a');
  return spawn(process.execPath, [path.join(engine, 'dist', 'local', 'lab.js'), '--no-demo'], {
    env,
    cwd: engine,
    stdio: ['ignore', log, log],
  });
}

function listLabPids(home: string): Readonly<Record<string, number>> {
  return readRecord(home)?.pids ?? {};
}

/** Of the bridge, and those that were taken away meanwhile. */
function listJournals(home: string): readonly string[] {
  const folder = path.join(home, 'bridge');
  const lost = (existsSync(folder) ? readdirSync(folder) : []).filter((name) => /^lost-.*\.sqlite$/u.test(name));
  return ['star.sqlite', ...lost].map((name) => path.join(folder, name));
}

/** Undefined before the first start, and after an orderly stop. */
function readRecord(home: string): { status: string; pids: Readonly<Record<string, number>> } | undefined {
  try {
    return JSON.parse(readFileSync(path.join(home, 'lab.json'), 'utf8')) as { status: string; pids: Readonly<Record<string, number>> };
  } catch {
    // Not written yet.
    return undefined;
  }
}

export async function waitUntil(what: string, look: () => Promise<boolean> | boolean, { timeoutMs }: { timeoutMs: number }): Promise<void> {
  const giveUpAtMs = Date.now() + timeoutMs;
  while (!(await look())) {
    if (Date.now() > giveUpAtMs) throw new Error(`Waited ${timeoutMs / 1000} s for ${what}.`);
    await sleep(POLL_MS);
  }
}
