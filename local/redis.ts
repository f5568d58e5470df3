// The local Redis: on a socket that only this user may open, without a port, and without a file: what it holds may be
// forgotten at any moment.

import { closeSync, mkdirSync, rmSync } from 'node:fs';
import { createConnection } from 'node:net';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { LabError } from '../domain/errors/error.js';
import { readLogTail } from './child-process.js';
import { findProgram } from './find-program.js';
import { openLogFile } from './log-file.js';
import { signalProcess } from './process-identity.js';
import { spawnRecorded } from './recorded-process.js';
import { endProcess, type RunningProcess } from './running-process.js';

const READY_TIMEOUT_MS = 10_000;
const PROBE_EVERY_MS = 10;
const PROBE_TIMEOUT_MS = 1_000;
/** Above it the least used goes; nothing that matters is only here. */
const MEMORY_LIMIT = '64mb';
/** Redis itself, and the fork of it that systems ship since its licence changed. */
const PROGRAM_NAMES = ['redis-server', 'valkey-server'] as const;

export interface RedisServerOptions {
  readonly binary: string;
  readonly folder: string;
  readonly socket: string;
  readonly logFile: string;
  /** Where the server writes itself down before it begins. */
  readonly record: string;
}

export function findRedis(searchPath?: string): string | null {
  return PROGRAM_NAMES.map((name) => findProgram(name, searchPath)).find((program) => program !== null) ?? null;
}

export function toRedisUrl(socket: string): string {
  return `unix://${socket.split('/').map(encodeURIComponent).join('/')}`;
}

export async function startRedis(options: RedisServerOptions): Promise<RunningProcess> {
  mkdirSync(options.folder, { recursive: true });
  mkdirSync(path.dirname(options.socket), { recursive: true, mode: 0o700 });
  // A killed server leaves its socket, which would look like one that does not answer yet.
  rmSync(options.socket, { force: true });
  const log = openLogFile(options.logFile);
  const child = spawnRecorded({
    record: options.record,
    command: options.binary,
    args: toArguments(options),
    options: { detached: true, stdio: ['ignore', log, log] },
  });
  closeSync(log);
  const ended = new Promise<'ended'>((resolve) => {
    child.once('error', () => resolve('ended'));
    child.once('exit', () => resolve('ended'));
  });
  child.unref();
  const { pid } = child;
  if (pid === undefined) throw failed(options, `${options.binary} could not be run`);
  const deadline = performance.now() + READY_TIMEOUT_MS;
  while (!(await answersPing(options.socket))) {
    if ((await Promise.race([ended, sleep(PROBE_EVERY_MS, 'waiting')])) === 'ended') throw failed(options, 'it ended at once');
    if (performance.now() < deadline) continue;
    signalProcess(pid, 'SIGKILL');
    throw failed(options, `it did not answer within ${READY_TIMEOUT_MS / 1000} s`);
  }
  return {
    pid,
    isAdopted: false,
    exited: ended.then(() => undefined),
    answers: () => answersPing(options.socket),
    stop: (timeoutMs) => endProcess(pid, 'SIGTERM', timeoutMs),
  };
}

/** True where a server says that it serves; one that still loads or is stopped does not. */
export function answersPing(socket: string): Promise<boolean> {
  return new Promise((resolve) => {
    const connection = createConnection(socket);
    const end = (answers: boolean): void => {
      connection.destroy();
      resolve(answers);
    };
    connection.setTimeout(PROBE_TIMEOUT_MS, () => {
      end(false);
    });
    // Not there yet; the caller asks again until its deadline.
    connection.once('error', () => {
      end(false);
    });
    connection.once('data', (answer) => {
      end(answer.toString().startsWith('+PONG'));
    });
    connection.write('PING\r\n');
  });
}

function toArguments({ folder, socket }: RedisServerOptions): string[] {
  return [
    ...['--port', '0', '--unixsocket', socket, '--unixsocketperm', '700', '--dir', folder, '--daemonize', 'no'],
    ...['--save', '', '--appendonly', 'no', '--maxmemory', MEMORY_LIMIT, '--maxmemory-policy', 'allkeys-lru'],
  ];
}

function failed(options: RedisServerOptions, why: string): LabError {
  return new LabError('START_FAILED', {
    message: `Redis did not start: ${why}. ${readLogTail(options.logFile)}`,
    remedy: `Read ${options.logFile}.`,
  });
}
