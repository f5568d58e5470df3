// The services of a lab as the supervisor runs them: which program, with which settings, where its log goes.

import { delimiter } from 'node:path';
import path from 'node:path';
import { LabError } from '../domain/errors/error.js';
import { WARNING_MARK } from '../platform/announce-ready.js';
import { DATA_FOLDERS_SETTING, TEMPORAL_DOOR_SETTING, type Settings } from '../platform/settings.js';
import { NO_REDIS } from '../platform/read-place.js';
import { startOrAdoptBridge, type BridgeOptions } from './bridge-process.js';
import { runToEnd, startChild } from './child-process.js';
import { ensureDatabase, startPostgres } from './postgres.js';
import { resolveDataFolder } from './postgres-folders.js';
import { toRecordFile } from './recorded-process.js';
import { startRedis } from './redis.js';
import type { RunningProcess } from './running-process.js';
import type { Service } from './supervisor.js';
import { startTemporal, type TemporalOptions } from './temporal.js';
import type { ServerPrograms } from './temporal-binary.js';
import { startTemporalServer } from './temporal-server.js';

/** A command that runs when the stop begins gets this long to end. */
const COMMAND_END_TIMEOUT_MS = 30_000;
const STOP_TIMEOUT_MS = 10_000;
/** Workers stop after the bridge, when no command is under way any more: what they still try can only fail and is tried again later. */
const WORKER_STOP_TIMEOUT_MS = 5_000;
const READY_TIMEOUT_MS = 60_000;
/** On a busy machine a bundle takes a minute, and is made again for every file that has to be left out. */
const PREPARE_TIMEOUT_MS = 300_000;
const DATABASE_NAME = 'praxis';
/** A workcell worker holds about ten; a connection that nobody opens costs next to nothing. */
const CONNECTIONS_MAX = 1_000;

/** Scripts of the lab's own processes; tests may name others. */
export interface Entries {
  readonly prepare: string;
  readonly workflowWorker: string;
  readonly workcellWorker: string;
  readonly api: string;
}

export interface ServiceWorld {
  readonly settings: Settings;
  readonly projectRoot: string;
  readonly entries: Entries;
  readonly env: NodeJS.ProcessEnv;
}

export function findEntries(projectRoot: string): Entries {
  const toEntry = (name: string): string => path.join(projectRoot, 'dist', 'workers', `${name}.js`);
  return {
    prepare: toEntry('prepare-lab'),
    workflowWorker: toEntry('workflow-worker'),
    workcellWorker: toEntry('workcell-worker'),
    api: toEntry('api-server'),
  };
}

/** The server that production runs comes without a Web UI, and somebody else's server has one of its own. */
export function hasTemporalDoor({ isTemporalExternal, temporalKind }: Settings): boolean {
  return !isTemporalExternal && temporalKind === 'dev';
}

export function toTemporalFolder(settings: Settings): string {
  return path.join(settings.home, 'temporal');
}

export function toLogFile(settings: Settings, name: string): string {
  return path.join(settings.home, 'logs', `${name}.log`);
}

/** `onUrl` learns where the database of the lab is, once the server runs. */
export function describePostgres({ settings }: ServiceWorld, onUrl: (url: string) => void): Service {
  return {
    name: 'postgres',
    stopTimeoutMs: STOP_TIMEOUT_MS,
    async start() {
      const dataFolder = path.join(settings.home, 'postgres');
      const server = await startPostgres({
        dataFolder,
        durable: true,
        maxConnections: CONNECTIONS_MAX,
        logFile: toLogFile(settings, 'postgres'),
      });
      onUrl(await ensureDatabase(server.url, DATABASE_NAME));
      return server;
    },
  };
}

/** `server`: its programs and the database it is to use, where the lab runs the real one. */
export interface TemporalPrograms {
  readonly binary: string;
  readonly server?: { readonly programs: ServerPrograms; readonly databaseUrl: string };
}

export function describeTemporal({ settings }: ServiceWorld, { binary, server }: TemporalPrograms): Service {
  const options: TemporalOptions = {
    binary,
    dataFolder: toTemporalFolder(settings),
    logFile: toLogFile(settings, 'temporal'),
    namespace: settings.temporalNamespace,
    port: settings.temporalPort,
    webUiHome: settings.home,
    httpPort: settings.temporalHttpPort,
    metricsPort: settings.temporalMetricsPort,
  };
  return {
    name: 'temporal',
    stopTimeoutMs: STOP_TIMEOUT_MS,
    start: () => (server ? startTemporalServer({ ...options, ...server, innerPort: settings.temporalInnerPort }) : startTemporal(options)),
  };
}

export function describeRedis({ settings }: ServiceWorld, binary: string): Service {
  const folder = path.join(settings.home, 'redis');
  const options = {
    binary,
    folder,
    socket: settings.redisSocket,
    logFile: toLogFile(settings, 'redis'),
    record: toRecordFile(settings.home, 'redis'),
  };
  return { name: 'redis', stopTimeoutMs: STOP_TIMEOUT_MS, start: () => startRedis(options) };
}

export function describeBridge(world: ServiceWorld, command: BridgeOptions['command']): Service {
  const { settings, projectRoot } = world;
  const pythonPath = [path.join(projectRoot, 'bridge'), world.env['PYTHONPATH']].filter(Boolean).join(delimiter);
  const options: BridgeOptions = {
    command,
    env: { ...world.env, PYTHONPATH: pythonPath, PYTHONUNBUFFERED: '1' },
    socket: settings.bridgeSocket,
    journal: settings.bridgeJournal,
    home: settings.home,
    logFile: toLogFile(settings, 'bridge'),
  };
  return { name: 'bridge', stopTimeoutMs: COMMAND_END_TIMEOUT_MS, start: () => startOrAdoptBridge(options) };
}

/** Preloaded where workflow code runs; the file says why. */
const WITHOUT_PROMISE_TRACES = path.join('slots', 'without-promise-traces.cjs');

/** Where the processes of the lab find what they keep their data in. */
export interface Stores {
  readonly databaseUrl: string;
  readonly redisUrl: string | null;
}

/** One of the lab's own Node processes. */
export function describeNodeProcess(world: ServiceWorld, process_: { name: string; entry: string; stores: Stores }): Service {
  const { name, entry } = process_;
  return {
    name,
    stopTimeoutMs: name === 'api' ? STOP_TIMEOUT_MS : WORKER_STOP_TIMEOUT_MS,
    start: (): Promise<RunningProcess> =>
      startChild({
        name,
        command: process.execPath,
        args: [
          ...(name === 'workflow-worker' ? ['--require', path.join(world.projectRoot, WITHOUT_PROMISE_TRACES)] : []),
          '--enable-source-maps',
          entry,
        ],
        env: toProcessEnvironment(world, process_.stores),
        logFile: toLogFile(world.settings, name),
        readyTimeoutMs: READY_TIMEOUT_MS,
        record: toRecordFile(world.settings.home, name),
      }),
  };
}

/** Brings database and protocols up to date; ends before anything may run on them. Returns its warnings. */
export async function prepareLab(world: ServiceWorld, databaseUrl: string): Promise<readonly string[]> {
  const printed = await runToEnd({
    name: 'prepare-lab',
    command: process.execPath,
    args: ['--enable-source-maps', world.entries.prepare],
    env: toProcessEnvironment(world, { databaseUrl, redisUrl: null }),
    logFile: toLogFile(world.settings, 'prepare-lab'),
    timeoutMs: PREPARE_TIMEOUT_MS,
  });
  return printed.split('\n').filter((line) => line.startsWith(WARNING_MARK));
}

function toProcessEnvironment({ settings, env }: ServiceWorld, { databaseUrl, redisUrl }: Stores): NodeJS.ProcessEnv {
  if (databaseUrl === '') throw new LabError('INTERNAL', { message: 'A process was started before its database was known.' });
  return {
    ...env,
    PRAXIS_HOME: settings.home,
    PRAXIS_CACHE: settings.cache,
    PRAXIS_PORT: String(settings.port),
    PRAXIS_WORKCELL: settings.workcell,
    PRAXIS_BRIDGE_SOCKET: settings.bridgeSocket,
    PRAXIS_PROTOCOLS: settings.protocolFolders.join(delimiter),
    PRAXIS_LOG_LEVEL: settings.logLevel,
    DATABASE_URL: databaseUrl,
    PRAXIS_REDIS_URL: redisUrl ?? NO_REDIS,
    TEMPORAL_ADDRESS: settings.temporalAddress,
    TEMPORAL_NAMESPACE: settings.temporalNamespace,
    PRAXIS_LEAST_FREE_MIB: String(settings.leastFreeMib),
    [DATA_FOLDERS_SETTING]: settings.databaseUrl === null ? resolveDataFolder(path.join(settings.home, 'postgres')) : '',
    [TEMPORAL_DOOR_SETTING]: hasTemporalDoor(settings) ? '1' : '0',
  };
}
