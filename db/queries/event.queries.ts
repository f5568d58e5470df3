// Reads history: of the whole lab or of one run, after a position.

import { sql } from 'kysely';
import type { LabEvent } from '../../domain/event.js';
import type { Database } from '../connect-database.js';
import { isUuid } from '../postgres-text.js';

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
  return rows.map((row) => ({
    pos: row.pos,
    seq: row.seq,
    type: row.type,
    at: row.at.toISOString(),
    runId: row.run_id,
    ...(row.call_path === null ? {} : { callPath: row.call_path }),
    data: row.data,
  }));
}

/** Position of the newest event; 0 in an empty lab. */
export async function latestPos(db: Database): Promise<number> {
  const { rows } = await sql<{ pos: number }>`select coalesce(max(pos), 0) as pos from event`.execute(db);
  return rows[0]?.pos ?? 0;
}
