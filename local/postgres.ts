// One Postgres server on a unix socket: initialises its data folder, adopts a server that already runs
// there, starts one otherwise (also over what a killed one left), and stops it in order.
// Trust authentication is safe because only the owner may enter the socket's folder.

import { execFile, spawn } from 'node:child_process';
import { closeSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, rmdirSync } from 'node:fs';
import { createConnection } from 'node:net';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import pg from 'pg';
import { LabError } from '../domain/errors/error.js';
import { openLogFile } from './log-file.js';
import { findPostgresBinaries } from './postgres-binaries.js';
import { SOCKET_NAME, findServerUser, makeServerFolder, prepareSocketFolder, resolveDataFolder } from './postgres-folders.js';
import { isAlive, listProcesses, signalProcess, waitForExit, watchExit } from './process-identity.js';

/** Recovery after a crash may read a long log before the server is ready. */
const START_TIMEOUT_MS = 60_000;
const STOP_TIMEOUT_MS = 30_000;
const POLL_MS = 10;
const CONNECT_TIMEOUT_MS = 5_000;
const LOG_TAIL_CHARS = 600;
/** How often a start is tried again while backends of a killed server still let go of its memory. */
const START_ATTEMPTS = 20;
const START_RETRY_DELAY_MS = 250;
/** Lines of postmaster.pid that matter: the pid, the socket folder and the state. */
const PID_LINE = 0;
const SOCKET_LINE = 4;
const STATE_LINE = 7;

/** Length and number of an SSLRequest. */
const ASK_FOR_TLS = Buffer.from([0, 0, 0, 8, 4, 210, 22, 47]);
const LOST_ON_POWER_FAILURE = ['-c', 'fsync=off', '-c', 'synchronous_commit=off', '-c', 'full_page_writes=off'];

export interface PostgresOptions {
  readonly dataFolder: string;
  /** False gives up safety against power loss for speed; only for data that is thrown away. */
  readonly durable: boolean;
  readonly maxConnections?: number;
  /** Default: `postgres.log` beside the data. */
  readonly logFile?: string;
}

export interface PostgresServer {
  /** Of the maintenance database; `toDatabaseUrl` names another one. */
  readonly url: string;
  readonly pid: number;
  readonly dataFolder: string;
  /** True when the server already ran and was adopted. */
  readonly isAdopted: boolean;
  /** Resolves when the server has ended, for whatever reason. */
  readonly exited: Promise<void>;
  /** The server itself says a word; also one that recovers, or has no connection left, does. */
  readonly answers: () => Promise<boolean>;
  stop(): Promise<void>;
}

export async function startPostgres(options: PostgresOptions): Promise<PostgresServer> {
  const dataFolder = resolveDataFolder(options.dataFolder);
  const running = await findRunningPostgres(options.dataFolder);
  if (running) return running;
  mkdirSync(path.dirname(dataFolder), { recursive: true, mode: 0o755 });
  const major = readDataMajor(dataFolder);
  const { folder: binFolder } = findPostgresBinaries(major);
  if (major === undefined) await initialise(binFolder, dataFolder, options.durable);
  const socketFolder = prepareSocketFolder(dataFolder);
  const logFile = options.logFile ?? `${path.resolve(options.dataFolder)}.log`;
  for (let attempt = 1; ; attempt++) {
    const pid = await tryStart({ ...options, binFolder, dataFolder, socketFolder, logFile });
    if (pid !== null) return describeServer({ pid, dataFolder, socketFolder, isAdopted: false });
    const tail = readTail(logFile);
    if (attempt >= START_ATTEMPTS || !/shared memory block|lock file/u.test(tail)) {
      throw new LabError('START_FAILED', { message: `Postgres did not start: ${tail}`, remedy: `Read ${logFile}.` });
    }
    await sleep(START_RETRY_DELAY_MS);
    // One that a start left behind in its beginning holds the lock file, and serves by now or hangs.
    const other = (await findRunningPostgres(options.dataFolder)) ?? (await endHungPostgres(dataFolder));
    if (other !== null) return other;
  }
}

/** A server of this folder that is there and does not say a word is killed; Postgres recovers from that. */
async function endHungPostgres(dataFolder: string): Promise<null> {
  const found = readPostmaster(dataFolder);
  if (found === null || !isServerOf(found.pid, dataFolder) || (await answersGreeting(found.socketFolder))) return null;
  signalProcess(found.pid, 'SIGKILL');
  await waitForExit(found.pid, CONNECT_TIMEOUT_MS);
  return null;
}

/** By its command line: the pid in an old lock file may have been given away. */
function isServerOf(pid: number, dataFolder: string): boolean {
  return listProcesses().some((listed) => listed.pid === pid && listed.command.some((part) => part.includes(dataFolder)));
}

/** The server that runs on this data folder and answers, or null. */
export async function findRunningPostgres(wantedFolder: string): Promise<PostgresServer | null> {
  const dataFolder = resolveDataFolder(wantedFolder);
  const deadline = performance.now() + START_TIMEOUT_MS;
  for (;;) {
    const found = readPostmaster(dataFolder);
    if (found === null || !isAlive(found.pid)) return null;
    const server = describeServer({ pid: found.pid, dataFolder, socketFolder: found.socketFolder, isAdopted: true });
    if (found.state === 'ready') return (await answers(server.url)) ? server : null;
    // It is starting, recovering or stopping: its next state decides.
    if (performance.now() >= deadline) return null;
    await sleep(POLL_MS);
  }
}

/** Makes a database, empty or as a copy of `template`, and returns its URL. */
export async function createDatabase(url: string, name: string, template?: string): Promise<string> {
  const copy = template === undefined ? '' : ` template ${pg.escapeIdentifier(template)}`;
  await queryOnce(url, `create database ${pg.escapeIdentifier(name)}${copy}`);
  return toDatabaseUrl(url, name);
}

/** As createDatabase, but a database that is already there is left as it is. */
export async function ensureDatabase(url: string, name: string): Promise<string> {
  const { rowCount } = await queryOnce(url, 'select 1 from pg_database where datname = $1', [name]);
  return rowCount === 0 ? createDatabase(url, name) : toDatabaseUrl(url, name);
}

/** False where the table is empty, and where it is not there. */
export async function hasRows(url: string, table: string): Promise<boolean> {
  const { rows } = await queryOnce(url, 'select to_regclass($1) as found', [table]);
  if (rows.every((row: { found: string | null }) => row.found === null)) return false;
  return (await queryOnce(url, `select 1 from ${pg.escapeIdentifier(table)} limit 1`)).rowCount === 1;
}

/** The same server, another database. */
export function toDatabaseUrl(url: string, name: string): string {
  const changed = new URL(url);
  changed.pathname = `/${encodeURIComponent(name)}`;
  return changed.href;
}

async function queryOnce(url: string, text: string, values: readonly string[] = []): Promise<pg.QueryResult> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: CONNECT_TIMEOUT_MS });
  await client.connect();
  try {
    return await client.query(text, [...values]);
  } finally {
    await client.end();
  }
}

async function answers(url: string): Promise<boolean> {
  try {
    await queryOnce(url, 'select 1');
    return true;
  } catch {
    // Whatever holds the pid is not a server of this folder: the caller starts one.
    return false;
  }
}

/** Initialises beside the final place and renames, so that an interrupted first start leaves nothing half made. */
async function initialise(binFolder: string, dataFolder: string, durable: boolean): Promise<void> {
  const unfinished = `${dataFolder}.init-${process.pid}`;
  rmSync(unfinished, { recursive: true, force: true });
  makeServerFolder(unfinished);
  const args = ['-D', unfinished, '-U', 'postgres', '--auth=trust', '--encoding=UTF8', '--no-locale'];
  if (!durable) args.push('--no-sync');
  try {
    await promisify(execFile)(path.join(binFolder, 'initdb'), args, { ...findServerUser(unfinished), cwd: '/' });
  } catch (error) {
    rmSync(unfinished, { recursive: true, force: true });
    throw new LabError('START_FAILED', { message: `Postgres could not make its data folder: ${(error as Error).message}`, cause: error });
  }
  // Only an empty folder may be in the way: anything else is not ours to remove.
  if (existsSync(dataFolder)) rmdirSync(dataFolder);
  renameSync(unfinished, dataFolder);
}

interface StartOptions extends PostgresOptions {
  readonly binFolder: string;
  readonly socketFolder: string;
  readonly logFile: string;
}

/** The pid of a server that is ready, or null where it ended before that. */
async function tryStart(options: StartOptions): Promise<number | null> {
  const args = ['-D', options.dataFolder, '-k', options.socketFolder, '-c', 'listen_addresses=', '-c', 'port=5432'];
  args.push('-c', `max_connections=${options.maxConnections ?? 100}`, ...(options.durable ? [] : LOST_ON_POWER_FAILURE));
  const log = openLogFile(options.logFile);
  const child = spawn(path.join(options.binFolder, 'postgres'), args, {
    ...findServerUser(options.dataFolder),
    cwd: '/',
    detached: true,
    stdio: ['ignore', log, log],
  });
  closeSync(log);
  const ended = new Promise<null>((resolve) => {
    child.once('error', () => resolve(null));
    child.once('exit', () => resolve(null));
  });
  child.unref();
  const { pid } = child;
  if (pid === undefined) return ended;
  const deadline = performance.now() + START_TIMEOUT_MS;
  while (performance.now() < deadline) {
    const found = readPostmaster(options.dataFolder);
    if (found?.pid === pid && found.state === 'ready') return pid;
    if ((await Promise.race([ended, sleep(POLL_MS, 'waiting')])) === null) return null;
  }
  signalProcess(pid, 'SIGQUIT');
  throw new LabError('START_FAILED', {
    message: `Postgres was not ready after ${START_TIMEOUT_MS / 1000} s.`,
    remedy: `Read ${options.logFile}.`,
  });
}

function describeServer(parts: { pid: number; dataFolder: string; socketFolder: string; isAdopted: boolean }): PostgresServer {
  const { pid, dataFolder, isAdopted } = parts;
  return {
    url: `postgres://postgres@localhost/postgres?host=${encodeURIComponent(parts.socketFolder)}`,
    pid,
    dataFolder,
    isAdopted,
    exited: watchExit(pid),
    answers: () => answersGreeting(parts.socketFolder),
    async stop() {
      // SIGINT is the fast shutdown: connections are cut, everything is written, nothing needs recovery.
      signalProcess(pid, 'SIGINT');
      if (await waitForExit(pid, STOP_TIMEOUT_MS)) return;
      signalProcess(pid, 'SIGQUIT');
      if (!(await waitForExit(pid, STOP_TIMEOUT_MS))) {
        throw new LabError('INTERNAL', { message: `Postgres (pid ${pid}) does not end.`, remedy: `End it by hand: kill -9 ${pid}` });
      }
    },
  };
}

/** Asks for TLS, which every server answers with one letter before it looks at anything else. */
function answersGreeting(socketFolder: string): Promise<boolean> {
  return new Promise((resolve) => {
    const connection = createConnection(path.join(socketFolder, SOCKET_NAME));
    const end = (isAnswered: boolean): void => {
      connection.destroy();
      resolve(isAnswered);
    };
    connection.once('error', () => {
      end(false);
    });
    connection.once('data', () => {
      end(true);
    });
    connection.setTimeout(CONNECT_TIMEOUT_MS, () => {
      end(false);
    });
    connection.write(ASK_FOR_TLS);
  });
}

function readPostmaster(dataFolder: string): { pid: number; socketFolder: string; state: string } | null {
  const file = path.join(dataFolder, 'postmaster.pid');
  if (!existsSync(file)) return null;
  const lines = readFileSync(file, 'utf8').split('\n');
  const pid = Number(lines[PID_LINE]);
  if (!Number.isSafeInteger(pid) || pid <= 0) return null;
  return { pid, socketFolder: lines[SOCKET_LINE] ?? '', state: (lines[STATE_LINE] ?? '').trim() };
}

function readDataMajor(dataFolder: string): number | undefined {
  const file = path.join(dataFolder, 'PG_VERSION');
  return existsSync(file) ? Number.parseInt(readFileSync(file, 'utf8'), 10) : undefined;
}

function readTail(file: string): string {
  return existsSync(file) ? readFileSync(file, 'utf8').slice(-LOG_TAIL_CHARS).trim() : 'it wrote no log.';
}
