// What a start prepares, as the process that does it, on a real Postgres that loses single connections.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { sql } from 'kysely';
import { closeDatabase, connectDatabase, type Database } from '../db/connection/connect-database.js';
import { startThrowAwayPostgres } from '../local/throw-away-postgres.js';
import type { PostgresServer } from '../local/postgres.js';
import { findProjectRoot } from '../platform/paths.js';

const TEST_LIMIT_MS = 120_000;
const LOOK_INTERVAL_MS = 5;
const CONNECTIONS_ENDED = 2;

let postgres: PostgresServer;
let db: Database;
let home: string;

beforeAll(async () => {
  postgres = await startThrowAwayPostgres();
  db = connectDatabase({ url: postgres.url, applicationName: 'prepare-lab-test', poolMax: 1 });
  home = await mkdtemp(path.join(tmpdir(), 'praxis-prepared-'));
}, TEST_LIMIT_MS);
afterAll(async () => {
  await closeDatabase(db);
  await postgres.stop();
  await rm(home, { recursive: true, force: true });
});

/** Ends connections of the process, the first as soon as it is there, until so many are ended. */
async function endConnections(): Promise<number> {
  const ended = new Set<number>();
  const untilMs = Date.now() + TEST_LIMIT_MS / 2;
  while (ended.size < CONNECTIONS_ENDED && Date.now() < untilMs) {
    await sleep(LOOK_INTERVAL_MS);
    const { rows } = await sql<{ pid: number }>`
      with found as materialized (select pid from pg_stat_activity where application_name = 'prepare-lab' and state <> 'idle')
      select pid from found where pg_terminate_backend(pid)`.execute(db);
    for (const { pid } of rows) ended.add(pid);
  }
  return ended.size;
}

test(
  'a connection that is ended in the middle of it does not keep the lab from starting',
  async () => {
    const env = { ...process.env, PRAXIS_HOME: home, DATABASE_URL: postgres.url };
    const child = spawn(process.execPath, [path.join(findProjectRoot(), 'dist', 'workers', 'prepare-lab.js')], {
      env,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const said: string[] = [];
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (chunk: Buffer) => {
        said.push(chunk.toString());
      });
    const exited = once(child, 'exit');
    const ended = await endConnections();
    await exited;
    expect({ ended, exitCode: child.exitCode, said: said.join('') }).toEqual({
      ended: CONNECTIONS_ENDED,
      exitCode: 0,
      said: expect.stringMatching(/The database was away[^]*"ready":"prepare-lab"/u) as unknown,
    });
  },
  TEST_LIMIT_MS,
);
