// Alarms: items of the inbox that no workflow waits for. Raised once for each cause, ended when the cause is over, and
// acknowledged here, by whoever comes first.

import { sql } from 'kysely';
import type { NewEvent } from '../../domain/history/event.js';
import type { Alarm, GivenAnswer } from '../../domain/inbox/inbox.js';
import type { Database, Transaction } from '../connection/connect-database.js';
import { appendEvents } from '../history/append-events.js';
import { toText } from '../connection/postgres-text.js';

export interface NewAlarm {
  /** Names the cause, so that it is raised once. */
  readonly itemId: string;
  readonly subject: Alarm;
  /** Null where it is about no run alone. */
  readonly runId: string | null;
  readonly callPath: string;
  readonly atMs: number;
}

/** False where this cause has raised its alarm before. */
export async function raiseAlarm(db: Database, alarm: NewAlarm): Promise<boolean> {
  return await db.transaction().execute((tx) => raiseInTransaction(tx, alarm));
}

/** The same as a part of more. */
export async function raiseInTransaction(tx: Transaction, { itemId, subject, runId, callPath, atMs }: NewAlarm): Promise<boolean> {
  const { rows } = await sql`
    insert into inbox_item (id, run_id, call_path, workflow_id, subject, status, created_at, is_alarm, workcell_id)
    select ${toText(itemId)}, ${runId}::uuid, ${toText(callPath)}, null, ${JSON.stringify(subject)}::json, 'open', to_timestamp(${atMs}::float8 / 1000), true, w.id
    from workcell w where w.name = ${toText(subject.workcell)}
    on conflict do nothing returning id`.execute(tx);
  if (rows.length === 0) return false;
  const { kind: _kind, ...told } = subject;
  await appendEvents(tx, [{ type: 'alarm.raised', atMs, runId, ...(callPath !== '' && { callPath }), data: { itemId, ...told } }]);
  return true;
}

/** The cause is over. The alarm stays on the list until somebody has acknowledged it. */
export async function endAlarms(db: Database, itemIds: readonly string[], atMs: number): Promise<void> {
  if (itemIds.length === 0) return;
  await db.transaction().execute((tx) => endInTransaction(tx, itemIds, atMs));
}

/** The same as a part of more: before its first event, because it may wait for a row. */
export async function endInTransaction(tx: Transaction, itemIds: readonly string[], atMs: number): Promise<void> {
  const ended = await changeAlarms(
    tx,
    sql`ended_at = to_timestamp(${atMs}::float8 / 1000)`,
    sql`ended_at is null and id = any(${itemIds.map(toText)}::text[])`,
  );
  await appendEvents(
    tx,
    ended.map((alarm): NewEvent => ({ ...toPlace(alarm), type: 'alarm.ended', atMs, data: { itemId: alarm.id } })),
  );
}

/** False where somebody was first, or where there is no such alarm. */
export async function acknowledgeAlarm(db: Database, { itemId, answer, by, note, atMs }: GivenAnswer): Promise<boolean> {
  return await db.transaction().execute(async (tx) => {
    const [alarm] = await changeAlarms(
      tx,
      sql`status = 'answered', answer = ${JSON.stringify(answer)}::json, answered_by = ${toText(by)}, note = ${toText(note)}, answered_at = to_timestamp(${atMs}::float8 / 1000)`,
      sql`status = 'open' and id = ${toText(itemId)}`,
    );
    if (alarm === undefined) return false;
    await appendEvents(tx, [{ ...toPlace(alarm), type: 'alarm.acknowledged', atMs, data: { itemId, by, note } }]);
    return true;
  });
}

/** Ids of alarms of a workcell whose cause lasts, by their beginning. */
export async function listLastingAlarms(db: Database, workcell: string, prefix: string): Promise<readonly string[]> {
  const { rows } = await sql<{ id: string }>`
    select i.id from inbox_item i join workcell w on w.id = i.workcell_id
    where w.name = ${toText(workcell)} and i.is_alarm and i.ended_at is null and starts_with(i.id, ${prefix}) order by i.ordinal`.execute(
    db,
  );
  return rows.map(({ id }) => id);
}

/** The same for all workcells. */
export async function listLastingAlarmsOfAll(db: Database, prefix: string): Promise<readonly string[]> {
  const { rows } = await sql<{ id: string }>`
    select id from inbox_item where is_alarm and ended_at is null and starts_with(id, ${prefix}) order by ordinal`.execute(db);
  return rows.map(({ id }) => id);
}

interface ChangedAlarm {
  readonly id: string;
  readonly runId: string | null;
  readonly callPath: string;
}

async function changeAlarms(
  tx: Transaction,
  change: ReturnType<typeof sql>,
  which: ReturnType<typeof sql>,
): Promise<readonly ChangedAlarm[]> {
  const { rows } = await sql<ChangedAlarm>`
    update inbox_item set ${change} where is_alarm and ${which} returning id, run_id as "runId", call_path as "callPath"`.execute(tx);
  return rows;
}

function toPlace({ runId, callPath }: ChangedAlarm): Pick<NewEvent, 'runId' | 'callPath'> {
  return { runId, ...(callPath !== '' && { callPath }) };
}
