// What was ended from outside, on a real Postgres: told of for as long as it may reach its bridge.

import { expect, test } from '@jest/globals';
import { sql } from 'kysely';
import type { PublishedProtocol } from '../../domain/protocols/protocol.js';
import type { Database } from '../connection/connect-database.js';
import { toRequest, useTestLab } from '../test-lab.js';
import { createRun } from './create-run.js';
import { listLostScopes, noteEndedCall } from './lost-run.queries.js';
import { closeRun } from './run.queries.js';

const NEWER_RUNS = 1_000;
const AT_MS = 1_800_000_000_000;

let db: Database;
let definition: PublishedProtocol;

useTestLab((lab: { db: Database; definition: PublishedProtocol }) => {
  ({ db, definition } = lab);
});

test('an ended call of a run that goes on is told of however many runs came after it, and no more when the run has ended', async () => {
  const runId = (await createRun(db, toRequest(definition))).run.id;
  await noteEndedCall(db, { runId, workflowId: `${runId}/watcher/mover.1`, atMs: AT_MS });
  const { rows } = await sql<{ columns: string }>`
    select string_agg(quote_ident(column_name), ', ') as columns from information_schema.columns
    where table_name = 'run' and column_name not in ('id', 'ended_at', 'status', 'request_id') and is_generated = 'NEVER' and is_identity = 'NO'`.execute(
    db,
  );
  const columns = sql.raw(rows[0]!.columns);
  await sql`insert into run (id, ended_at, status, ${columns})
    select ('ffffffff-0000-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid, now(), 'completed', ${columns}
    from run cross join generate_series(1, ${sql.raw(String(NEWER_RUNS))}) n where id = ${runId}::uuid`.execute(db);
  expect(await listLostScopes(db, 'star')).toEqual([`${runId}/watcher/mover.1`]);
  await closeRun(db, { runId, status: 'completed', atMs: AT_MS });
  expect(await listLostScopes(db, 'star')).toEqual([]);
});
