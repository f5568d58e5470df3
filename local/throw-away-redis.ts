// A Redis server for one test file: in its own temporary folder, killed and started at will, removed with everything
// when it is stopped.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { findRedis, startRedis, toRedisUrl } from './redis.js';
import { signalProcess } from './process-identity.js';
import type { RunningProcess } from './running-process.js';

const STOP_TIMEOUT_MS = 5_000;

export interface ThrowAwayRedis {
  readonly url: string;
  readonly socket: string;
  /** SIGKILL; resolves when it is gone. */
  kill(): Promise<void>;
  /** SIGSTOP or SIGCONT: a server that is there and says nothing. */
  signal(signal: 'SIGSTOP' | 'SIGCONT'): void;
  /** An empty server on the same socket. */
  restart(): Promise<void>;
  stop(): Promise<void>;
}

/** Null where this machine has no Redis. */
export async function startThrowAwayRedis(): Promise<ThrowAwayRedis | null> {
  const binary = findRedis();
  if (binary === null) return null;
  const folder = mkdtempSync(path.join(tmpdir(), 'praxis-redis-'));
  const socket = path.join(folder, 'redis.sock');
  const start = (): Promise<RunningProcess> =>
    startRedis({ binary, folder, socket, logFile: path.join(folder, 'redis.log'), record: path.join(folder, 'redis.pid') });
  let server = await start();
  return {
    url: toRedisUrl(socket),
    socket,
    async kill() {
      signalProcess(server.pid, 'SIGKILL');
      await server.exited;
    },
    signal: (signal) => {
      signalProcess(server.pid, signal);
    },
    async restart() {
      server = await start();
    },
    async stop() {
      signalProcess(server.pid, 'SIGCONT');
      await server.stop(STOP_TIMEOUT_MS);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
