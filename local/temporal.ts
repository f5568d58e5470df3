// The local Temporal server: a real dev server on a file in the home, on loopback only, with settings
// that make it fast and safe against kill -9 (WAL, a synced write for every commit).

import { spawn } from 'node:child_process';
import { appendFileSync, closeSync, mkdirSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { LabError } from '../domain/error.js';
import { readLogTail } from './child-process.js';
import { openLogFile } from './log-file.js';
import { isAlive, readStartTime, signalProcess, watchExit } from './process-identity.js';
import { endProcess, type RunningProcess } from './running-process.js';
import { TEMPORAL_SEARCH_ATTRIBUTES, toDynamicConfigFlags } from './temporal-dynamic-config.js';

/** As long can an ended run be continued, and its tree be looked at; the server's own 24 hours end before the weekend. */
export const TEMPORAL_RETENTION_DAYS = 30;
const RETENTION_S = TEMPORAL_RETENTION_DAYS * 24 * 3_600;
const READY_TIMEOUT_MS = 60_000;
const PROBE_EVERY_MS = 50;
const PROBE_TIMEOUT_MS = 2_000;

export interface TemporalOptions {
  readonly binary: string;
  readonly dataFolder: string;
  readonly logFile: string;
  readonly namespace: string;
  readonly port: number;
  readonly uiPort: number;
  readonly httpPort: number;
  readonly metricsPort: number;
}

/** A server of an earlier start, as that start wrote it down. */
export interface EarlierProcess {
  readonly pid: number;
  readonly startTime: string;
}

export async function startTemporal(options: TemporalOptions): Promise<RunningProcess> {
  mkdirSync(options.dataFolder, { recursive: true });
  return startTemporalProgram(options, { command: options.binary, args: toStartArguments(options) });
}

/** How a server is started, and what must be done before its namespace is there. */
export interface TemporalProgram {
  readonly command: string;
  readonly args: readonly string[];
  readonly makeNamespace?: () => Promise<void>;
}

/** Resolves when the namespace is served. */
export async function startTemporalProgram(options: TemporalOptions, program: TemporalProgram): Promise<RunningProcess> {
  const log = openLogFile(options.logFile);
  // Its own session and no pipes: it outlives a killed supervisor, and the next start adopts it.
  const child = spawn(program.command, [...program.args], { detached: true, stdio: ['ignore', log, log] });
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
  const deadline = Date.now() + READY_TIMEOUT_MS;
  const waitUntil = async (answers: () => Promise<boolean>): Promise<void> => {
    while (!(await answers())) {
      if (!isRunning) throw failed(options, 'it ended at once');
      if (Date.now() >= deadline) throw failed(options, `it did not answer within ${READY_TIMEOUT_MS / 1000} s`);
      await Promise.race([ended, sleep(PROBE_EVERY_MS)]);
    }
  };
  try {
    if (program.makeNamespace) {
      await waitUntil(() => answers(toClusterUrl(options)));
      await program.makeNamespace();
    }
    await waitUntil(() => answers(toNamespaceUrl(options)));
  } catch (error) {
    if (isRunning) signalProcess(pid, 'SIGKILL');
    throw error;
  }
  await keepEndedWorkflows(options);
  return { pid, isAdopted: false, exited: ended, stop: (timeoutMs) => endProcess(pid, 'SIGTERM', timeoutMs) };
}

/** The namespace remembers it, so that a server that is adopted has it too. */
async function keepEndedWorkflows(options: TemporalOptions): Promise<void> {
  try {
    const response = await fetch(`${toNamespaceUrl(options)}/update`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ config: { workflowExecutionRetentionTtl: `${RETENTION_S}s` } }),
      signal: AbortSignal.timeout(PROBE_TIMEOUT_MS),
    });
    const reply = await response.text();
    if (!response.ok) noteShortRetention(options, `status ${response.status}: ${reply}`);
  } catch (error) {
    noteShortRetention(options, String(error));
  }
}

/** The lab works without it; who misses an old run finds the reason in the log. */
function noteShortRetention({ logFile }: TemporalOptions, why: string): void {
  appendFileSync(logFile, `Ended workflows are not kept for ${TEMPORAL_RETENTION_DAYS} days: ${why}\n`);
}

/** The server that an earlier start left running, when it still answers on the ports of this one. */
export async function adoptTemporal(earlier: EarlierProcess | undefined, options: TemporalOptions): Promise<RunningProcess | null> {
  if (earlier === undefined || !isAlive(earlier.pid) || readStartTime(earlier.pid) !== earlier.startTime) return null;
  const { pid } = earlier;
  if (await answers(toNamespaceUrl(options))) {
    return { pid, isAdopted: true, exited: watchExit(pid), stop: (timeoutMs) => endProcess(pid, 'SIGTERM', timeoutMs) };
  }
  // It serves other ports or hangs, and two servers must not share one file.
  await endProcess(pid, 'SIGTERM', PROBE_TIMEOUT_MS);
  return null;
}

export function toStartArguments(options: TemporalOptions): string[] {
  return [
    ...['server', 'start-dev', '--db-filename', path.join(options.dataFolder, 'temporal.db'), '--namespace', options.namespace],
    ...['--ip', '127.0.0.1', '--port', String(options.port), '--ui-ip', '127.0.0.1', '--ui-port', String(options.uiPort)],
    ...['--http-port', String(options.httpPort), '--metrics-port', String(options.metricsPort), '--log-level', 'warn'],
    ...['--sqlite-pragma', 'journal_mode=wal', '--sqlite-pragma', 'synchronous=2'],
    ...toDynamicConfigFlags(),
    ...TEMPORAL_SEARCH_ATTRIBUTES.flatMap((name) => ['--search-attribute', `${name}=Keyword`]),
  ];
}

type NamespaceGate = Pick<TemporalOptions, 'httpPort' | 'namespace'>;

function toNamespaceUrl({ httpPort, namespace }: NamespaceGate): string {
  return `http://127.0.0.1:${httpPort}/api/v1/namespaces/${encodeURIComponent(namespace)}`;
}

function toClusterUrl({ httpPort }: NamespaceGate): string {
  return `http://127.0.0.1:${httpPort}/api/v1/cluster-info`;
}

/** Asks the server itself, through its HTTP gate: an open port is open long before the namespace is served. */
async function answers(url: string): Promise<boolean> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(PROBE_TIMEOUT_MS) });
    await response.arrayBuffer();
    return response.ok;
  } catch {
    // Not listening yet; the caller asks again until its deadline.
    return false;
  }
}

function failed(options: TemporalOptions, why: string): LabError {
  return new LabError('START_FAILED', {
    message: `Temporal did not start: ${why}. ${readLogTail(options.logFile)}`,
    remedy: `Read ${options.logFile}.`,
  });
}
