// Items of the inbox that wait, and noting that people were told of one again. Each reminder is told once, whoever looks.

import { sql } from 'kysely';
import type { InboxSubject } from '../../domain/inbox/inbox.js';
import type { Due, WaitingItem } from '../../domain/inbox/reminder.js';
import type { Database } from '../connection/connect-database.js';
import { appendEvents } from '../history/append-events.js';
import type { NewEvent } from '../../domain/history/event.js';

export interface WaitingRow extends WaitingItem {
  readonly itemId: string;
  readonly runId: string | null;
  readonly callPath: string;
}

/** The oldest first, after a place in the order where the list is read in portions. */
export async function listWaiting(
  db: Database,
  limit: number,
  afterOrdinal = 0,
): Promise<readonly (WaitingRow & { readonly ordinal: number })[]> {
  const { rows } = await sql<WaitingRow & { ordinal: number; subject: InboxSubject }>`
    select ordinal, id as "itemId", run_id as "runId", call_path as "callPath", subject, reminders, escalated_at is not null as "isEscalated",
      extract(epoch from created_at)::float8 * 1000 as "createdAtMs"
    from inbox_item where status = 'open' and ordinal > ${afterOrdinal} order by ordinal limit ${limit}`.execute(db);
  return rows;
}

export async function noteTold(
  db: Database,
  { itemId, runId, callPath, subject, createdAtMs }: WaitingRow,
  { reminder, isEscalation }: Due,
  atMs: number,
): Promise<void> {
  await db.transaction().execute(async (tx) => {
    const told: NewEvent[] = [];
    const common = { atMs, runId, ...(callPath !== '' && { callPath }) };
    const data = { itemId, kind: subject.kind, text: subject.text, waitedMs: atMs - createdAtMs };
    if (reminder !== undefined) {
      const { rows } =
        await sql`update inbox_item set reminders = ${reminder} where id = ${itemId} and status = 'open' and reminders < ${reminder} returning id`.execute(
          tx,
        );
      if (rows.length > 0) told.push({ ...common, type: 'inbox.reminded', data: { ...data, reminder } });
    }
    if (isEscalation) {
      const { rows } = await sql`
        update inbox_item set escalated_at = to_timestamp(${atMs}::float8 / 1000) where id = ${itemId} and status = 'open' and escalated_at is null returning id`.execute(
        tx,
      );
      if (rows.length > 0) told.push({ ...common, type: 'inbox.escalated', data });
    }
    if (told.length > 0) await appendEvents(tx, told);
  });
}
