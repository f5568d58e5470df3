// A Postgres server for one test file: in its own temporary folder, without safety against power loss,
// removed with everything in it when it is stopped, and also when the test process dies before that.

import { spawn } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { startPostgres, type PostgresServer } from './postgres.js';
import { signalProcess } from './process-identity.js';

/** Waits for its stdin to close, which happens when the process that holds the other end dies. */
const WATCHDOG = 'read -r _; kill -INT "$1"; while kill -0 "$1" 2>/dev/null; do sleep 0.1; done; rm -rf "$2" "$3"';

export async function startThrowAwayPostgres(options: { durable?: boolean } = {}): Promise<PostgresServer> {
  const folder = mkdtempSync(path.join(tmpdir(), 'praxis-pg-'));
  // The server of a root user runs as somebody else, who must be able to pass through here.
  chmodSync(folder, 0o711);
  const server = await startPostgres({ dataFolder: path.join(folder, 'data'), durable: options.durable ?? false });
  const watchdog = spawn('/bin/sh', ['-c', WATCHDOG, 'watchdog', String(server.pid), server.dataFolder, folder], {
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  watchdog.unref();
  return {
    ...server,
    async stop() {
      if (watchdog.pid !== undefined) signalProcess(watchdog.pid, 'SIGKILL');
      await server.stop();
      rmSync(server.dataFolder, { recursive: true, force: true });
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
