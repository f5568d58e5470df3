// The copy of each bridge's journal in Postgres: rows arrive in order and in batches, each is kept once,
// and what they tell is projected into commands, calls and events in the same transaction.

import { sql } from 'kysely';
import { invariant } from '../../domain/errors/error.js';
import type { JsonObject } from '../../domain/json/json.js';
import type { JournalRow } from '../../domain/wire/wire.js';
import type { Database, Transaction } from '../connection/connect-database.js';
import { projectJournal } from './project-journal.js';
import { toStorable, toText } from '../connection/postgres-text.js';

/** More rows than this are shipped in the next batch. */
export const JOURNAL_BATCH_LIMIT_ROWS = 500;

/** Number of the newest row that is safe in Postgres; 0 for a journal that was never shipped. */
export async function lastShippedRow(db: Database, bridgeId: string): Promise<number> {
  const bridge = await db.selectFrom('bridge').select('last_row').where('id', '=', bridgeId).executeTakeFirst();
  return bridge?.last_row ?? 0;
}

/**
 * Returns the newest row that is safe; the next batch begins after it. Known rows are passed over, and rows
 * after a gap are not taken, so that none is ever lost between two shippers.
 */
export async function shipJournalRows(db: Database, bridgeId: string, rows: readonly JournalRow[]): Promise<number> {
  invariant(rows.length <= JOURNAL_BATCH_LIMIT_ROWS, `a batch of the journal has at most ${JOURNAL_BATCH_LIMIT_ROWS} rows`);
  return await db.transaction().execute(async (tx) => {
    const last = await lockBridge(tx, bridgeId);
    // A driver may have said any byte; one row that can't be stored would hold up all that follow.
    const fresh = takeFollowing(rows, last).map(toStorable);
    const newest = fresh.at(-1);
    if (newest === undefined) return last;
    const projection = await projectJournal(tx, fresh);
    await insertRows(tx, { bridgeId, rows: fresh, skipped: projection.skipped });
    await projection.appendEvents();
    return newest.row;
  });
}

async function lockBridge(tx: Transaction, bridgeId: string): Promise<number> {
  const { rows } = await sql<{ last_row: number }>`
    insert into bridge (id, last_row) values (${bridgeId}, 0)
    on conflict (id) do update set id = excluded.id returning last_row`.execute(tx);
  return rows[0]?.last_row ?? 0;
}

function takeFollowing(rows: readonly JournalRow[], last: number): JournalRow[] {
  const fresh = rows.filter((row) => row.row > last).sort((a, b) => a.row - b.row);
  const gap = fresh.findIndex((row, i) => row.row !== last + 1 + i);
  return gap === -1 ? fresh : fresh.slice(0, gap);
}

interface Batch {
  readonly bridgeId: string;
  readonly rows: readonly JournalRow[];
  readonly skipped: ReadonlyMap<number, string>;
}

/** What a row says of calls stands in these; the journal itself keeps it whole. */
function withoutCalls({ calls: _, ...body }: JsonObject): JsonObject {
  return body;
}

async function insertRows(tx: Transaction, { bridgeId, rows, skipped }: Batch): Promise<void> {
  await sql`
    with stored as (
      insert into journal_row (bridge_id, row, kind, at, command_id, body, skipped)
      select ${bridgeId}::text, row, kind, to_timestamp(at_ms / 1000), command_id, body, skipped
      from unnest(${rows.map((row) => row.row)}::bigint[], ${rows.map((row) => row.kind)}::text[], ${rows.map((row) => row.atMs)}::float8[],
        ${rows.map((row) => (row.commandId === null ? null : toText(row.commandId)))}::text[],
        ${rows.map((row) => JSON.stringify(skipped.has(row.row) ? row.body : withoutCalls(row.body)))}::json[], ${rows.map((row) => skipped.get(row.row) ?? null)}::text[])
        as g (row, kind, at_ms, command_id, body, skipped))
    update bridge set last_row = ${rows.at(-1)?.row ?? 0} where id = ${bridgeId}`.execute(tx);
}
