// Homes of earlier versions keep what is in them, on a real Postgres.

import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { Migrator, sql } from 'kysely';
import { createDatabase } from '../../local/postgres.js';
import { closeDatabase, connectDatabase } from './connect-database.js';
import { appendEvents } from '../history/append-events.js';
import { migrateToLatest } from './migrate.js';
import * as firstRun from '../migrations/0001-first-run.js';
import { listLabware } from '../assets/asset.queries.js';
import { getRun } from '../runs/run.queries.js';
import { readHistory, startTestServer, type TestServer } from '../test-lab.js';

const RUN_ID = '01900000-0000-7000-8000-000000000001';

let server: TestServer;

beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.stop());

test('runs, labware and reservations of the first version are read by this one; migrating again changes nothing', async () => {
  const db = connectDatabase({ url: await createDatabase(server.url, 'old_home'), applicationName: 'old-home', onError: () => undefined });
  try {
    const old = new Migrator({ db, provider: { getMigrations: () => Promise.resolve({ '0001-first-run': firstRun }) } });
    expect((await old.migrateToLatest()).error).toBeUndefined();
    await sql
      .raw(`
      insert into definition (source, bundle, name, version, description, is_top_level, kind, file, line, export_name, is_current)
        values ('s', 'b', 'p', '1', '', true, 'child', 'f', 1, 'x', true);
      insert into workcell (name) values ('star');
      insert into asset (workcell_id, ordinal, kind, name, type) select id, 0, 'labware', 'plate_1', 'plate' from workcell;
      insert into labware select id, 't', 'carrier', 3, '{}', true from asset;
      insert into run (id, definition_id, protocol, version, bundle, status, mode, parameters, priority, created_by, created_at, fence, workflow_run_id)
        select '${RUN_ID}', id, 'p', '1', 'b', 'cancelling', 'simulation', '{}', 0, 'ada', now(), 1, 'w' from definition;
      insert into run_asset select '${RUN_ID}', 0, 'plate', id, name, kind, type from asset;
      insert into reservation select id, '${RUN_ID}', 1, now() from asset;
      insert into asset_wait select id, 5, '${RUN_ID}' from asset;
      select append_events('{run.created,machine.released,run.started}', '{1,2,3}', '{${RUN_ID},null,${RUN_ID}}', '{null,null,null}', '{"{}","{}","{}"}');`)
      .execute(db);
    expect(await migrateToLatest(db)).toContain('0002-engine');
    expect(await migrateToLatest(db)).toEqual([]);
    expect(await getRun(db, RUN_ID)).toMatchObject({ status: 'cancelling', pauseReasons: [], openItems: 0, timeScale: 1 });
    expect(await listLabware(db)).toMatchObject([{ name: 'plate_1', location: { carrier: 'carrier', site: 3 }, heldByRunId: RUN_ID }]);
    await db.transaction().execute((tx) => appendEvents(tx, [{ type: 'run.paused', atMs: 4, runId: RUN_ID, data: {} }]));
    const events = await readHistory(db, { after: 0, limit: 9 });
    expect(events.map(({ pos, seq, type }) => [pos, seq, type])).toEqual([
      [1, 1, 'run.created'],
      [2, null, 'machine.released'],
      [3, 2, 'run.started'],
      [4, 3, 'run.paused'],
    ]);
    const { rows } = await sql<{ isCancelling: boolean; hold: string; useId: string }>`
      select is_cancelling as "isCancelling", (select hold from run_asset) as hold, (select use_id from asset_wait) as "useId" from run`.execute(
      db,
    );
    expect(rows).toEqual([{ isCancelling: true, hold: 'perRun', useId: '' }]);
  } finally {
    await closeDatabase(db);
  }
});
