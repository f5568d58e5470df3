// A page of a table that is overwritten on the disk, in a real Postgres: whoever reads it is told in one sentence what to do, and doctor
// says which table it is.

import { mkdtempSync, openSync, closeSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { sql } from 'kysely';
import { toProblem } from '../api/http/problem.js';
import { closeDatabase, connectDatabase } from '../db/connection/connect-database.js';
import { migrateToLatest } from '../db/connection/migrate.js';
import { checkDatabase } from '../local/check-database.js';
import { createDatabase, startPostgres, type PostgresServer } from '../local/postgres.js';

const PAGE_BYTES = 8_192;
const ROWS = 2_000;

let folder: string;
let server: PostgresServer;
let url: string;

const start = (): Promise<PostgresServer> => startPostgres({ dataFolder: path.join(folder, 'postgres'), durable: true });

beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'praxis-damaged-'));
  server = await start();
  url = await createDatabase(server.url, 'lab');
  const db = connectDatabase({ url, applicationName: 'test' });
  await migrateToLatest(db);
  await sql`insert into inbox_item (id, call_path, subject, status, created_at, is_alarm)
    select 'alarm/' || n, '', '{}'::json, 'open', now(), true from generate_series(1, ${ROWS}::int) n`.execute(db);
  await closeDatabase(db);
}, 240_000);
afterAll(async () => {
  await server?.stop();
  rmSync(folder, { recursive: true, force: true });
});

async function damage(table: string): Promise<void> {
  const db = connectDatabase({ url, applicationName: 'test' });
  const { rows } = await sql<{ file: string }>`select pg_relation_filepath(${table}::regclass) as file`.execute(db);
  await closeDatabase(db);
  await server.stop();
  const file = openSync(path.join(server.dataFolder, rows[0]?.file ?? ''), 'r+');
  // In the middle, and beyond what the header of a page may say.
  writeSync(file, Buffer.alloc(PAGE_BYTES / 2, 0xff), 0, PAGE_BYTES / 2, PAGE_BYTES);
  closeSync(file);
  server = await start();
}

test('is told with its table and its remedy', async () => {
  await expect(checkDatabase(url)).resolves.toMatch(/tables can be read/u);
  await damage('inbox_item');
  await expect(checkDatabase(url)).rejects.toMatchObject({
    code: 'DATABASE_DAMAGED',
    message: expect.stringContaining('inbox_item') as unknown,
    remedy: expect.stringContaining('Stop the lab') as unknown,
  });
  const db = connectDatabase({ url, applicationName: 'test' });
  try {
    const error: unknown = await sql`select count(*) from inbox_item where subject::text <> ''`
      .execute(db)
      .catch((thrown: unknown) => thrown);
    expect(toProblem(error)).toMatchObject({
      status: 503,
      code: 'DATABASE_DAMAGED',
      detail: expect.stringContaining('praxis doctor') as unknown,
    });
    // What does not read the page is served as before.
    await expect(sql`select count(*) from run`.execute(db)).resolves.toBeDefined();
  } finally {
    await closeDatabase(db);
  }
}, 120_000);
