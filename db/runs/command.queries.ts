// Reads the commands of a run in the order in which their machines took them, and results by command id.

import { sql } from 'kysely';
import type { Command } from '../../domain/runs/command.js';
import type { Json } from '../../domain/json/json.js';
import type { Page } from '../../domain/json/page.js';
import type { Database } from '../connection/connect-database.js';
import { isUuid, toText } from '../connection/postgres-text.js';
import { parseCursor, toPage } from '../connection/cursor.js';

export async function listCommands(
  db: Database,
  runId: string,
  page: { limit: number; cursor?: string | undefined },
): Promise<Page<Command>> {
  const key = parseCursor(page.cursor, ['number']);
  if (!isUuid(runId)) return { items: [] };
  const rows = await db
    .selectFrom('command')
    .selectAll()
    .where('run_id', '=', runId)
    .where('ordinal', '>', Number(key?.[0] ?? 0))
    .orderBy('ordinal')
    .limit(page.limit + 1)
    .execute();
  return toPage(rows, {
    limit: page.limit,
    toKey: (row) => [row.ordinal],
    toItem: (row) => ({
      id: row.id,
      callPath: row.call_path,
      machine: row.machine,
      method: row.method,
      arguments: row.arguments,
      status: row.status,
      retry: row.retry,
      beganAt: row.began_at?.toISOString() ?? null,
      endedAt: row.ended_at?.toISOString() ?? null,
      ...(row.result === null ? {} : { result: row.result }),
      ...(row.error === null ? {} : { error: row.error }),
      ...(row.resolution === null || row.resolved_at === null
        ? {}
        : { resolution: { ...row.resolution, by: row.resolved_by ?? '', at: row.resolved_at.toISOString() } }),
    }),
  });
}

/** Results of commands that have ended, by id; what is not known is left out. */
export async function readCommandResults(db: Database, ids: readonly string[]): Promise<Map<string, Json>> {
  if (ids.length === 0) return new Map();
  const rows = await db
    .selectFrom('command')
    .select(['id', 'result'])
    .where('id', '=', sql<string>`any(${ids.map(toText)}::text[])`)
    .where('ended_at', 'is not', null)
    .execute();
  return new Map(rows.map(({ id, result }) => [id, result]));
}
