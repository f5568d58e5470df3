// Reads the commands of a run in the order in which their machines took them.

import type { Command } from '../../domain/command.js';
import type { Page } from '../../domain/page.js';
import type { Database } from '../connect-database.js';
import { isUuid } from '../postgres-text.js';
import { parseCursor, toPage } from './cursor.js';

export async function listCommands(db: Database, runId: string, page: { limit: number; cursor?: string | undefined }): Promise<Page<Command>> {
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
    }),
  });
}
