// The embedded Postgres on real servers: first start, reuse, kill -9, long paths, orderly stop.

import { afterEach, describe, expect, test } from '@jest/globals';
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import pg from 'pg';
import { createDatabase, ensureDatabase, findRunningPostgres, startPostgres, type PostgresServer } from './postgres.js';
import { isAlive, signalProcess, waitForExit } from './process-identity.js';
import { startThrowAwayPostgres } from './throw-away-postgres.js';

const folders: string[] = [];
const servers: PostgresServer[] = [];

afterEach(async () => {
  for (const server of servers.splice(0)) if (isAlive(server.pid)) await server.stop();
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

function makeFolder(mode: number): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'praxis-pg-test-'));
  chmodSync(folder, mode);
  folders.push(folder);
  return folder;
}

async function start(dataFolder: string, durable = true): Promise<PostgresServer> {
  const server = await startPostgres({ dataFolder, durable });
  servers.push(server);
  return server;
}

async function query(url: string, text: string): Promise<unknown[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query({ text, rowMode: 'array' })).rows.flat() as unknown[];
  } finally {
    await client.end();
  }
}

describe('startPostgres', () => {
  test('keeps committed rows over kill -9 and over an orderly stop, with fsync on and no TCP port', async () => {
    const dataFolder = path.join(makeFolder(0o711), 'data');
    const first = await start(dataFolder);
    const url = await createDatabase(first.url, 'praxis');
    await query(url, 'create table note as select 1 as n');
    expect(await query(url, 'show fsync')).toEqual(['on']);
    expect(await query(url, 'show listen_addresses')).toEqual(['']);

    signalProcess(first.pid, 'SIGKILL');
    expect(await waitForExit(first.pid, 10_000)).toBe(true);
    expect(existsSync(path.join(dataFolder, 'postmaster.pid'))).toBe(true);
    const second = await start(dataFolder);
    expect(second.pid).not.toBe(first.pid);
    expect(await query(url, 'select n from note')).toEqual([1]);

    await second.stop();
    expect(isAlive(second.pid)).toBe(false);
    const third = await start(dataFolder);
    expect(await query(url, 'select n from note')).toEqual([1]);
    expect(readFileSync(`${dataFolder}.log`, 'utf8')).toContain('database system was shut down');
    expect(third.isAdopted).toBe(false);
  });

  test('adopts the server that already runs on the folder', async () => {
    const dataFolder = path.join(makeFolder(0o711), 'data');
    expect(await findRunningPostgres(dataFolder)).toBeNull();
    const first = await start(dataFolder, false);
    const second = await startPostgres({ dataFolder, durable: false });
    expect(second).toMatchObject({ pid: first.pid, url: first.url, isAdopted: true });
  });

  test('works below a folder that only its owner may enter, and below a very long path', async () => {
    const home = makeFolder(0o700);
    const dataFolder = path.join(home, 'long-name-'.repeat(12), 'data');
    const server = await start(dataFolder, false);
    folders.push(server.dataFolder);
    expect(await query(server.url, 'select 1')).toEqual([1]);
    const { host } = new pg.Client({ connectionString: server.url });
    if (host !== server.dataFolder) folders.push(host);
    expect((await findRunningPostgres(dataFolder))?.pid).toBe(server.pid);
  });
});

describe('databases', () => {
  test('a template is copied, an existing database is left alone, an odd name is quoted', async () => {
    const server = await startThrowAwayPostgres();
    servers.push(server);
    const migrated = await createDatabase(server.url, 'migrated');
    await query(migrated, 'create table note as select 7 as n');
    const copy = await createDatabase(server.url, 'copy "1"', 'migrated');
    expect(await query(copy, 'select n from note')).toEqual([7]);
    expect(await ensureDatabase(server.url, 'migrated')).toBe(migrated);
    expect(await query(migrated, 'select n from note')).toEqual([7]);
    await expect(createDatabase(server.url, 'migrated')).rejects.toThrow('already exists');
  });
});
