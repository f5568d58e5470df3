// Reads history: of the whole lab or of one run, after a position.

import { setTimeout as sleep } from 'node:timers/promises';
import { sql } from 'kysely';
import type { LabEvent } from '../../domain/history/event.js';
import type { Database } from '../connection/connect-database.js';
import { isUuid } from '../connection/postgres-text.js';

export interface EventFilter {
  readonly runId?: string;
  /** Position after which to read; 0 reads from the beginning. */
  readonly after: number;
  readonly limit: number;
}

export async function listEventsAfter(db: Database, filter: EventFilter): Promise<LabEvent[]> {
  if (filter.runId !== undefined && !isUuid(filter.runId)) return [];
  let query = db.selectFrom('event').selectAll().where('pos', '>', filter.after).orderBy('pos').limit(filter.limit);
  if (filter.runId !== undefined) query = query.where('run_id', '=', filter.runId);
  const rows = await query.execute();
  // Written by append-events alone, which takes no data that does not belong to the type.
  return rows.map(
    (row) =>
      ({
        pos: row.pos,
        seq: row.seq,
        type: row.type,
        at: row.at.toISOString(),
        runId: row.run_id,
        ...(row.call_path === null ? {} : { callPath: row.call_path }),
        data: row.data,
      }) as LabEvent,
  );
}

/** How long a reader waits for the sequencer; a takeover after the death of one takes less. */
const PLACED_WITHIN_MS = 1_000;
const LOOK_AGAIN_MS = 4;

/** What was committed before this call can be read after it, unless no sequencer is there: who has seen a row finds its event. */
export async function waitUntilPlaced(db: Database): Promise<void> {
  const newestId = await findUnplaced(db, null);
  const untilMs = performance.now() + PLACED_WITHIN_MS;
  for (let id = newestId; id !== null && performance.now() < untilMs; id = await findUnplaced(db, newestId)) await sleep(LOOK_AGAIN_MS);
}

/** The newest event without a position, up to that one; found as the sequencer finds it. */
async function findUnplaced(db: Database, upToId: number | null): Promise<number | null> {
  const { rows } = await sql<{ id: number | null }>`
    select max(found.id) as id from (select snap from event_batch order by last_pos desc limit 1) was cross join lateral (
      (select id from event_row where xid >= pg_snapshot_xmax(was.snap) offset 0)
      union all
      select e.id from pg_snapshot_xip(was.snap) as open (xid) cross join lateral (select id from event_row where event_row.xid = open.xid offset 0) e) found
    where ${upToId}::bigint is null or found.id <= ${upToId}::bigint`.execute(db);
  return rows[0]?.id ?? null;
}

/** Position of the newest event; 0 in an empty lab. */
export async function latestPos(db: Database): Promise<number> {
  const { rows } = await sql<{ pos: number }>`select coalesce(max(pos), 0) as pos from event`.execute(db);
  return rows[0]?.pos ?? 0;
}
