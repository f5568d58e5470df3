// Every setting of Praxis, read from the environment in one place and validated before anything starts.

import { homedir } from 'node:os';
import path from 'node:path';
import { DEFAULT_SILENT_AFTER_MS, DEFAULT_SLOW_MARGIN_MS } from '../domain/inbox/alarm.js';
import type { BridgePlace } from '../domain/workcells/bridge-place.js';
import { LabError } from '../domain/errors/error.js';
import { DEFAULT_ESCALATE_AFTER_MS, DEFAULT_REMIND_AFTER_MS } from '../domain/inbox/reminder.js';
import { findHome } from './find-home.js';
import { findProjectRoot } from './paths.js';
import { placeSocket, readBridgeSocket, readDatabaseUrl, readRedis, readRemoteBridge } from './read-place.js';
import { badSetting, readLength, readMatching, readPort, type Environment } from './read-setting.js';

export const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

const DEFAULT_PORT = 7400;
/** Far above what people and their scripts send; it stops a loop that has run away. */
const DEFAULT_RATE_PER_S = 200;
const HIGHEST_RATE_PER_S = 100_000;
/** Told by the supervisor to the processes of a lab. */
export const TEMPORAL_DOOR_SETTING = 'PRAXIS_TEMPORAL_DOOR';
export const DATA_FOLDERS_SETTING = 'PRAXIS_DATA_FOLDERS';
/** Room for what runs to end in order: a segment or two of Postgres' log, Temporal's file, the journal, logs. */
const DEFAULT_LEAST_FREE_MIB = 256;
const HIGHEST_LEAST_FREE_MIB = 1_000_000;
/** Below, a history is full before anything was done; above, Temporal itself ends it. */
const LEAST_HISTORY_BUDGET_EVENTS = 40;
const HIGHEST_HISTORY_BUDGET_EVENTS = 20_000;
/** Slower than this a motion would pass its deadline. */
const HIGHEST_DEMO_PACE = 5;
const NAME_PATTERN = /^[a-z0-9][a-z0-9_-]{0,39}$/u;
const ADDRESS_PATTERN = /^[^\s:/]+:\d{1,5}$/u;

/** How instruments are connected; PyLabRobot needs packages of its own for each. */
export const BRIDGE_EXTRAS = ['serial', 'usb', 'ftdi', 'hid', 'modbus', 'opentrons'] as const;
export type BridgeExtra = (typeof BRIDGE_EXTRAS)[number];

export interface Settings {
  /** Where the lab keeps everything it must remember. */
  readonly home: string;
  /** What can be made again: the Temporal program, Python packages. Shared by all homes. */
  readonly cache: string;
  readonly port: number;
  readonly temporalPort: number;
  /** Of the door to the Temporal Web UI. */
  readonly temporalUiPort: number;
  /** Of the processes of a lab with a dev server: the API serves that door. */
  readonly hasTemporalDoor: boolean;
  readonly temporalHttpPort: number;
  readonly temporalMetricsPort: number;
  /** First of 7 ports that the parts of the Temporal server use among themselves, where the lab runs that instead of the dev server. */
  readonly temporalInnerPort: number;
  /** `dev`: one program with a file of its own. `server`: what production runs, on the lab's Postgres. */
  readonly temporalKind: 'dev' | 'server';
  /** Null where the lab is to run its own Postgres; the processes it starts are always told one. */
  readonly databaseUrl: string | null;
  /** Null where no Redis is given or found; Postgres does its work then. The processes of a lab are told which. */
  readonly redisUrl: string | null;
  /** True where the lab runs a Redis of its own if the machine has one: no REDIS_URL is set. */
  readonly mayStartRedis: boolean;
  readonly redisSocket: string;
  readonly temporalAddress: string;
  /** True when TEMPORAL_ADDRESS names a server that somebody else runs. */
  readonly isTemporalExternal: boolean;
  readonly temporalNamespace: string;
  readonly workcell: string;
  /** A WorkcellSpec as JSON; null takes the demonstration's. */
  readonly workcellFile: string | null;
  /** Simulated motions of the demonstration take so much of the time that real ones do; null for none. */
  readonly demoPace: number | null;
  /** Of the bridge that the lab starts itself. */
  readonly bridgeSocket: string;
  /** Where the bridge is: on that socket, or where PRAXIS_BRIDGE_ADDRESS says that somebody else runs it. */
  readonly bridge: BridgePlace;
  readonly bridgeJournal: string;
  /** Where values lie that are too large for Temporal. Workers and API of one lab share it. */
  readonly blobFolder: string;
  /** Folders with protocols beside the library that ships. */
  readonly protocolFolders: readonly string[];
  /** Requests a second that may change something, for each user; ten seconds' worth may come at once. 0 sets no limit. */
  readonly ratePerS: number;
  /** After how long people are told again, and more people, of what a protocol does not time itself: doubts, machine errors, alarms. */
  readonly remindAfterMs: number;
  readonly escalateAfterMs: number;
  /** What a command may take beyond twice its expected duration before an alarm is raised. */
  readonly slowMarginMs: number;
  /** How long a workcell with open runs may not be heard of before an alarm is raised. */
  readonly silentAfterMs: number;
  /** Events after which a run's workflow continues as new; null for its own choice. Proofs set it low, so that runs continue often. */
  readonly historyBudgetEvents: number | null;
  /** Below this much room on a disk of the lab no run is begun. */
  readonly leastFreeMib: number;
  /** Of the lab, beside its home; its processes are told. */
  readonly dataFolders: readonly string[];
  readonly logLevel: LogLevel;
  /** Packages for real instruments that the bridge's environment has too. */
  readonly bridgeExtras: readonly BridgeExtra[];
  /** Python to build the bridge's environment with; null searches for one. */
  readonly python: string | null;
}

export function readSettings(env: Environment = process.env): Settings {
  const home = findHome(env, findProjectRoot()).folder;
  const port = readPort(env, 'PRAXIS_PORT') ?? DEFAULT_PORT;
  const workcell = readMatching(env, 'PRAXIS_WORKCELL', { pattern: NAME_PATTERN, wanted: 'lower-case letters, digits, _ and -' }) ?? 'star';
  const bridgeSocket = readBridgeSocket(env, home, workcell);
  const temporalAddress = readMatching(env, 'TEMPORAL_ADDRESS', { pattern: ADDRESS_PATTERN, wanted: 'host:port' });
  return {
    home,
    cache: path.resolve(env['PRAXIS_CACHE'] || path.join(env['XDG_CACHE_HOME'] || path.join(homedir(), '.cache'), 'praxis')),
    port,
    temporalPort: port + 1,
    temporalUiPort: port + 2,
    hasTemporalDoor: env[TEMPORAL_DOOR_SETTING] === '1',
    temporalHttpPort: port + 3,
    temporalMetricsPort: port + 4,
    temporalInnerPort: port + 5,
    temporalKind: readTemporalKind(env),
    databaseUrl: readDatabaseUrl(env),
    ...readRedis(env),
    redisSocket: placeSocket(home, 'redis', 'redis.sock'),
    temporalAddress: temporalAddress ?? `127.0.0.1:${port + 1}`,
    isTemporalExternal: temporalAddress !== undefined,
    temporalNamespace:
      readMatching(env, 'TEMPORAL_NAMESPACE', { pattern: /^[A-Za-z0-9][\w.-]{1,254}$/u, wanted: 'a Temporal namespace' }) ?? 'praxis',
    workcell,
    workcellFile: env['PRAXIS_WORKCELL_FILE'] ? path.resolve(env['PRAXIS_WORKCELL_FILE']) : null,
    demoPace: readDemoPace(env),
    bridgeSocket,
    bridge: readRemoteBridge(env) ?? bridgeSocket,
    bridgeJournal: path.join(home, 'bridge', `${workcell}.sqlite`),
    blobFolder: path.resolve(env['PRAXIS_BLOBS'] || path.join(home, 'blobs')),
    protocolFolders: (env['PRAXIS_PROTOCOLS'] ?? '')
      .split(path.delimiter)
      .filter((folder) => folder !== '')
      .map((folder) => path.resolve(folder)),
    ratePerS: readRate(env),
    remindAfterMs: readLength(env, 'PRAXIS_REMIND_AFTER') ?? DEFAULT_REMIND_AFTER_MS,
    escalateAfterMs: readLength(env, 'PRAXIS_ESCALATE_AFTER') ?? DEFAULT_ESCALATE_AFTER_MS,
    slowMarginMs: readLength(env, 'PRAXIS_SLOW_MARGIN') ?? DEFAULT_SLOW_MARGIN_MS,
    silentAfterMs: readLength(env, 'PRAXIS_SILENT_AFTER') ?? DEFAULT_SILENT_AFTER_MS,
    historyBudgetEvents: readHistoryBudget(env),
    leastFreeMib: readLeastFree(env),
    dataFolders: (env[DATA_FOLDERS_SETTING] ?? '').split(path.delimiter).filter((folder) => folder !== ''),
    logLevel: readLogLevel(env),
    bridgeExtras: readBridgeExtras(env),
    python: env['PRAXIS_PYTHON'] || null,
  };
}

/** For processes that can't do without a database; the lab starts them with one. */
export function requireDatabaseUrl(settings: Settings): string {
  if (settings.databaseUrl !== null) return settings.databaseUrl;
  throw new LabError('BAD_SETTING', {
    message: 'DATABASE_URL is not set.',
    field: 'DATABASE_URL',
    remedy: 'Start the lab with npm start, or set DATABASE_URL.',
  });
}

function readRate(env: Environment): number {
  const text = env['PRAXIS_RATE_PER_S'];
  if (text === undefined || text === '') return DEFAULT_RATE_PER_S;
  const rate = Number(text);
  if (rate >= 0 && rate <= HIGHEST_RATE_PER_S) return rate;
  throw badSetting('PRAXIS_RATE_PER_S', text, `a number from 0, for no limit, to ${HIGHEST_RATE_PER_S}`);
}

function readDemoPace(env: Environment): number | null {
  const text = env['PRAXIS_DEMO_PACE'];
  if (text === undefined || text === '' || text === '0') return null;
  const pace = Number(text);
  if (pace > 0 && pace <= HIGHEST_DEMO_PACE) return pace;
  throw badSetting(
    'PRAXIS_DEMO_PACE',
    text,
    `a number up to ${HIGHEST_DEMO_PACE}: 1 for the time that real motions take, 0.1 for a tenth of it`,
  );
}

function readHistoryBudget(env: Environment): number | null {
  const text = env['PRAXIS_HISTORY_BUDGET_EVENTS'];
  if (text === undefined || text === '') return null;
  const events = Number(text);
  if (Number.isInteger(events) && events >= LEAST_HISTORY_BUDGET_EVENTS && events <= HIGHEST_HISTORY_BUDGET_EVENTS) return events;
  throw badSetting(
    'PRAXIS_HISTORY_BUDGET_EVENTS',
    text,
    `a whole number from ${LEAST_HISTORY_BUDGET_EVENTS} to ${HIGHEST_HISTORY_BUDGET_EVENTS}`,
  );
}

function readLeastFree(env: Environment): number {
  const text = env['PRAXIS_LEAST_FREE_MIB'];
  if (text === undefined || text === '') return DEFAULT_LEAST_FREE_MIB;
  const mib = Number(text);
  if (mib >= 0 && mib <= HIGHEST_LEAST_FREE_MIB) return mib;
  throw badSetting('PRAXIS_LEAST_FREE_MIB', text, `a number of MiB from 0, for no limit, to ${HIGHEST_LEAST_FREE_MIB}`);
}

function readBridgeExtras(env: Environment): readonly BridgeExtra[] {
  const given = (env['PRAXIS_BRIDGE_EXTRAS'] ?? '')
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '');
  const unknown = given.find((name) => !BRIDGE_EXTRAS.some((extra) => extra === name));
  if (unknown !== undefined)
    throw badSetting('PRAXIS_BRIDGE_EXTRAS', unknown, `some of ${BRIDGE_EXTRAS.join(', ')}, with commas between them`);
  return BRIDGE_EXTRAS.filter((extra) => given.includes(extra));
}

function readTemporalKind(env: Environment): Settings['temporalKind'] {
  const text = env['PRAXIS_TEMPORAL'] || 'dev';
  if (text === 'dev' || text === 'server') return text;
  throw badSetting('PRAXIS_TEMPORAL', text, 'dev or server');
}

function readLogLevel(env: Environment): LogLevel {
  const text = env['PRAXIS_LOG_LEVEL'];
  if (text === undefined || text === '') return 'info';
  const level = LOG_LEVELS.find((known) => known === text);
  if (level === undefined) throw badSetting('PRAXIS_LOG_LEVEL', text, `one of ${LOG_LEVELS.join(', ')}`);
  return level;
}
