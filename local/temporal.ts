// The local Temporal server: a real dev server on a file in the home, on loopback only, with settings that make it fast
// and safe against kill -9 (WAL, a synced write for every commit). One file has one server: the process names itself
// beside the file before it opens it, and the next start adopts or ends it.

import { randomInt } from 'node:crypto';
import { appendFileSync, closeSync, readFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { LabError } from '../domain/errors/error.js';
import { replaceFile } from '../platform/replace-file.js';
import { writeWebUiPlace, type WebUiPlace } from '../platform/temporal-door.js';
import { readLogTail } from './child-process.js';
import { openLogFile } from './log-file.js';
import { listProcesses, signalProcess, watchExit } from './process-identity.js';
import { findRecorded, spawnRecorded } from './recorded-process.js';
import { endProcess, type RunningProcess } from './running-process.js';
import { TEMPORAL_SEARCH_ATTRIBUTES, toDynamicConfigFlags } from './temporal-dynamic-config.js';
import { openTemporalGate, withTemporalGate, type TemporalGate } from './temporal-gate.js';

/** As long can an ended run be continued, and its tree be looked at; the server's own 24 hours end before the weekend. */
export const TEMPORAL_RETENTION_DAYS = 30;
const RETENTION_MS = TEMPORAL_RETENTION_DAYS * 24 * 3_600_000;
/** How far the heap of the server may grow beyond what is in use before it is collected. */
const GARBAGE_PERCENT = '400';
const READY_TIMEOUT_MS = 60_000;
const PROBE_EVERY_MS = 50;
const END_TIMEOUT_MS = 2_000;
const LOOPBACK = '127.0.0.1';
/** What SQLite says of a file that it can't read. */
const DAMAGED_FILE = /file is not a database|database disk image is malformed/u;

export interface TemporalOptions {
  readonly binary: string;
  readonly dataFolder: string;
  readonly logFile: string;
  readonly namespace: string;
  readonly port: number;
  readonly httpPort: number;
  readonly metricsPort: number;
  /** The home whose door leads to the Web UI; left out, there is no Web UI. */
  readonly webUiHome?: string;
}

export async function startTemporal(options: TemporalOptions): Promise<RunningProcess> {
  const args = toStartArguments(options);
  const adopted = await adoptTemporal(options, args);
  if (adopted !== null) return adopted;
  const webUi = options.webUiHome === undefined ? null : await placeWebUi(options.webUiHome);
  return startTemporalProgram(options, { command: options.binary, args, moreArgs: toWebUiArguments(webUi) });
}

/** How a server is started, and what must be done before its namespace is there. */
export interface TemporalProgram {
  readonly command: string;
  readonly args: readonly string[];
  /** Such as differ from start to start; a server with others of these is adopted too. */
  readonly moreArgs?: readonly string[];
  readonly makeNamespace?: () => Promise<void>;
}

/** Resolves when the namespace is served. */
export async function startTemporalProgram(options: TemporalOptions, program: TemporalProgram): Promise<RunningProcess> {
  replaceFile(toArgumentsFile(options), JSON.stringify(program.args));
  const log = openLogFile(options.logFile);
  // Its own session and no pipes: it outlives a killed supervisor, and the next start adopts it.
  const args = [...program.args, ...(program.moreArgs ?? [])];
  const child = spawnRecorded({
    record: toRecord(options),
    command: program.command,
    args,
    options: { env: toServerEnvironment(), detached: true, stdio: ['ignore', log, log] },
  });
  closeSync(log);
  const ended = new Promise<void>((resolve) => {
    child.once('error', () => resolve());
    child.once('exit', () => resolve());
  });
  child.unref();
  const { pid } = child;
  if (pid === undefined) throw failed(options, `${program.command} could not be run`);
  let isRunning = true;
  void ended.then(() => (isRunning = false));
  const deadline = performance.now() + READY_TIMEOUT_MS;
  const gate = openTemporalGate(options);
  const waitUntil = async (answers: () => Promise<boolean>): Promise<void> => {
    while (!(await Promise.race([answers(), ended]))) {
      if (!isRunning) throw failed(options, 'it ended at once');
      if (performance.now() >= deadline) throw failed(options, `it did not answer within ${READY_TIMEOUT_MS / 1000} s`);
      await Promise.race([ended, sleep(PROBE_EVERY_MS)]);
    }
  };
  try {
    if (program.makeNamespace) {
      await waitUntil(() => gate.isUp());
      await program.makeNamespace();
    }
    await waitUntil(() => gate.isServing());
    await keepEndedWorkflows(options, gate);
  } catch (error) {
    if (isRunning) signalProcess(pid, 'SIGKILL');
    throw error;
  } finally {
    await gate.close();
  }
  return describeServer(options, { pid, isAdopted: false, exited: ended });
}

function describeServer(options: TemporalOptions, server: Pick<RunningProcess, 'pid' | 'isAdopted' | 'exited'>): RunningProcess {
  return {
    ...server,
    answers: () => withTemporalGate(options, (gate) => gate.isUp()),
    stop: (timeoutMs) => endProcess(server.pid, 'SIGTERM', timeoutMs),
  };
}

/** The namespace remembers it, so that a server that is adopted has it too. */
async function keepEndedWorkflows({ logFile }: TemporalOptions, gate: TemporalGate): Promise<void> {
  try {
    await gate.keepEndedWorkflows(RETENTION_MS);
  } catch (error) {
    noteShortRetention(logFile, error);
  }
}

/** The lab works without it; who misses an old run finds the reason in the log. */
function noteShortRetention(logFile: string, why: unknown): void {
  try {
    appendFileSync(logFile, `Ended workflows are not kept for ${TEMPORAL_RETENTION_DAYS} days: ${String(why)}\n`);
  } catch {
    // A disk that is full must not keep the lab from starting.
  }
}

/** The server is written in Go, whose collector by default spares memory that a lab has, for processor time that it needs. */
function toServerEnvironment(): NodeJS.ProcessEnv {
  return { ...process.env, GOGC: process.env['GOGC'] ?? GARBAGE_PERCENT };
}

/**
 * The server that an earlier start left running on this file, where it serves as this start would have it. Every other one
 * is ended: it serves other ports, was started otherwise or hangs, and two servers must not share one file.
 */
export async function adoptTemporal(options: TemporalOptions, args: readonly string[]): Promise<RunningProcess | null> {
  const recorded = findRecorded(toRecord(options));
  for (const pid of findServers(options)) if (pid !== recorded?.pid) await endProcess(pid, 'SIGTERM', END_TIMEOUT_MS);
  if (recorded === null) return null;
  const { pid } = recorded;
  if (readArguments(options) === JSON.stringify(args) && (await withTemporalGate(options, (gate) => gate.isServing()))) {
    return describeServer(options, { pid, isAdopted: true, exited: watchExit(pid) });
  }
  await endProcess(pid, 'SIGTERM', END_TIMEOUT_MS);
  return null;
}

/** True while a server of this folder runs, whoever started it. */
export function isTemporalLeft(dataFolder: string): boolean {
  return findRecorded(toRecord({ dataFolder })) !== null || findServers({ dataFolder }).length > 0;
}

/** By what they were started with, so that one is found too whose record is gone. */
function findServers({ dataFolder }: Pick<TemporalOptions, 'dataFolder'>): number[] {
  const file = toDatabaseFile(dataFolder);
  const isServer = (command: readonly string[]): boolean =>
    command.length > 1 ? command[command.indexOf('--db-filename') + 1] === file : (command[0] ?? '').includes(`--db-filename ${file} `);
  return listProcesses()
    .filter(({ command }) => isServer(command))
    .map(({ pid }) => pid);
}

export function toStartArguments(options: TemporalOptions): string[] {
  return [
    ...['server', 'start-dev', '--db-filename', toDatabaseFile(options.dataFolder), '--namespace', options.namespace],
    ...['--ip', LOOPBACK, '--port', String(options.port)],
    ...['--http-port', String(options.httpPort), '--metrics-port', String(options.metricsPort), '--log-level', 'warn'],
    ...['--sqlite-pragma', 'journal_mode=wal', '--sqlite-pragma', 'synchronous=2'],
    ...toDynamicConfigFlags(),
    ...toShutGateFlags(),
    ...TEMPORAL_SEARCH_ATTRIBUTES.flatMap((name) => ['--search-attribute', `${name}=Keyword`]),
  ];
}

/** The dev server has no switch for its HTTP gate, by which any web page could end every run: it answers 403 to every Host but this. */
function toShutGateFlags(): string[] {
  return ['--dynamic-config-value', 'frontend.httpAllowedHosts=["closed.invalid"]', '--dynamic-config-value', 'system.enableNexus=false'];
}

/**
 * The Web UI checks no Host, so it is where no page can look for it: a port, and on Linux an address of loopback, of which
 * there are sixteen million, that only the door is told.
 */
async function placeWebUi(home: string): Promise<WebUiPlace> {
  const host = process.platform === 'linux' ? `127.${randomInt(1, 255)}.${randomInt(1, 255)}.${randomInt(1, 255)}` : LOOPBACK;
  const place = { host, port: await findFreePort(host) };
  writeWebUiPlace(home, place);
  return place;
}

function findFreePort(host: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer().once('error', reject);
    server.listen(0, host, () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => resolve(port));
    });
  });
}

function toWebUiArguments(place: WebUiPlace | null): string[] {
  return place === null ? ['--headless'] : ['--ui-ip', place.host, '--ui-port', String(place.port)];
}

function toDatabaseFile(dataFolder: string): string {
  return path.join(dataFolder, 'temporal.db');
}

function toRecord({ dataFolder }: Pick<TemporalOptions, 'dataFolder'>): string {
  return path.join(dataFolder, 'server.pid');
}

function toArgumentsFile({ dataFolder }: Pick<TemporalOptions, 'dataFolder'>): string {
  return path.join(dataFolder, 'server-arguments.json');
}

function readArguments(options: TemporalOptions): string | null {
  try {
    return readFileSync(toArgumentsFile(options), 'utf8');
  } catch {
    // A server that was started before this was written is not known to be as it should.
    return null;
  }
}

function failed(options: TemporalOptions, why: string): LabError {
  const tail = readLogTail(options.logFile);
  // Only its last words are of this start.
  const damage = DAMAGED_FILE.exec(tail.trim().split('\n').at(-1) ?? '')?.[0];
  if (damage === undefined)
    return new LabError('START_FAILED', { message: `Temporal did not start: ${why}. ${tail}`, remedy: `Read ${options.logFile}.` });
  return new LabError('START_FAILED', {
    message: `Temporal did not start: ${toDatabaseFile(options.dataFolder)} is damaged (${damage}).`,
    remedy: `Put a copy of the folder ${options.dataFolder} in its place, or move it aside (mv ${options.dataFolder} ${options.dataFolder}.aside); without it open runs end as RUN_TERMINATED, and their machines wait until somebody has looked.`,
  });
}
