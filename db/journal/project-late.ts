// A driver that returned after its command had ended as uncertain: what it said is shown with the question that waits
// for a person, and decides nothing.

import { sql } from 'kysely';
import { isJsonObject, type JsonObject } from '../../domain/json/json.js';
import type { JournalRow } from '../../domain/wire/wire.js';
import type { Transaction } from '../connection/connect-database.js';
import { toText } from '../connection/postgres-text.js';

export interface LateReturn {
  readonly commandId: string;
  /** Its outcome as the driver told it, and what the sensors said afterwards. */
  readonly late: JsonObject;
}

export function readLate({ kind, body, atMs }: JournalRow): LateReturn | undefined {
  const { commandId, outcome, sensors } = body;
  if (kind !== 'LATE' || typeof commandId !== 'string' || outcome === undefined || !isJsonObject(outcome)) return undefined;
  return { commandId, late: { outcome, atMs, ...(sensors !== undefined && { sensors }) } };
}

/** The id of the item is that of the command. */
export async function projectLate(tx: Transaction, rows: readonly JournalRow[]): Promise<void> {
  for (const row of rows) {
    const returned = readLate(row);
    if (returned === undefined) continue;
    await sql`
      update inbox_item set subject = jsonb_set(subject::jsonb, '{facts}', coalesce(subject::jsonb -> 'facts', '{}'::jsonb) || ${JSON.stringify({ late: returned.late })}::jsonb)::json
      where id = ${toText(returned.commandId)} and status = 'open'`.execute(tx);
  }
}
