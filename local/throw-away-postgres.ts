// A Postgres server for one test file: in its own temporary folder, without safety against power loss,
// removed with everything in it when it is stopped.

import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { startPostgres, type PostgresServer } from './postgres.js';

export async function startThrowAwayPostgres(options: { durable?: boolean } = {}): Promise<PostgresServer> {
  const folder = mkdtempSync(path.join(tmpdir(), 'praxis-pg-'));
  // The server of a root user runs as somebody else, who must be able to pass through here.
  chmodSync(folder, 0o711);
  const server = await startPostgres({ dataFolder: path.join(folder, 'data'), durable: options.durable ?? false });
  return {
    ...server,
    async stop() {
      await server.stop();
      rmSync(server.dataFolder, { recursive: true, force: true });
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
