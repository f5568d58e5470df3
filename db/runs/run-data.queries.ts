// What a run leaves for readers outside: its state as it is now, and the measurements that it kept.

import { sql } from 'kysely';
import type { Json, JsonObject } from '../../domain/json/json.js';
import type { Page } from '../../domain/json/page.js';
import type { Database } from '../connection/connect-database.js';
import { isUuid } from '../connection/postgres-text.js';
import { parseCursor, toPage } from '../connection/cursor.js';

/** Empty for a run that has set nothing, and for one that does not exist. */
export async function getRunState(db: Database, runId: string): Promise<JsonObject> {
  if (!isUuid(runId)) return {};
  const row = await db.selectFrom('run_state').select('state').where('run_id', '=', runId).executeTakeFirst();
  return row?.state ?? {};
}

export interface RunDatum {
  readonly name: string;
  readonly callPath: string;
  readonly at: string;
  readonly value: Json;
  /** The command whose result the value is. */
  readonly commandId?: string;
}

/** In the order in which they became known. */
export async function listRunData(
  db: Database,
  filter: { runId: string; limit: number; cursor?: string | undefined },
): Promise<Page<RunDatum>> {
  const key = parseCursor(filter.cursor, ['number']);
  if (!isUuid(filter.runId)) return { items: [] };
  const { rows } = await sql<Omit<RunDatum, 'at' | 'commandId'> & { ordinal: number; at: Date; commandId: string | null }>`
    select d.ordinal, d.name, d.call_path as "callPath", d.at, coalesce(d.value, c.result) as value, d.command_id as "commandId"
    from run_data d left join command c on c.id = d.command_id and d.value is null
    where d.run_id = ${filter.runId}::uuid and d.ordinal > ${Number(key?.[0] ?? 0)}
    order by d.ordinal limit ${filter.limit + 1}`.execute(db);
  return toPage(rows, {
    limit: filter.limit,
    toKey: (row) => [row.ordinal],
    toItem: ({ name, callPath, at, value, commandId }) => ({
      name,
      callPath,
      at: at.toISOString(),
      value,
      ...(commandId === null ? {} : { commandId }),
    }),
  });
}
