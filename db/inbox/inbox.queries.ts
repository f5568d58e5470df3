// The inbox: opens an item that waits for a person, closes it once, and reads what waits and what was said.

import { sql, type RawBuilder } from 'kysely';
import { isAboutMachine, type GivenAnswer, type InboxItem, type InboxStatus, type InboxSubject } from '../../domain/inbox/inbox.js';
import type { NewEvent } from '../../domain/history/event.js';
import type { Json } from '../../domain/json/json.js';
import type { Page } from '../../domain/json/page.js';
import type { Database, Transaction } from '../connection/connect-database.js';
import { appendEvents } from '../history/append-events.js';
import { isUuid, toJson, toText } from '../connection/postgres-text.js';
import { lockAssets } from '../assets/asset-contest.js';
import { quarantineMachine } from '../assets/asset.queries.js';
import { parseCursor, toPage } from '../connection/cursor.js';
import { lockOpenRun, refreshStatus } from '../runs/run-status.js';

export interface NewItem {
  readonly itemId: string;
  readonly runId: string;
  readonly callPath: string;
  /** The workflow that waits for the answer. */
  readonly workflowId: string;
  readonly subject: InboxSubject;
  readonly atMs: number;
}

/** Once per id. The machine that it is about is quarantined with it, both or neither. An ended run asks nothing. */
export async function openItem(db: Database, item: NewItem): Promise<void> {
  const { itemId, runId, callPath, subject, atMs } = item;
  await db.transaction().execute(async (tx) => {
    const machine = isAboutMachine(subject) ? subject.machine : undefined;
    if (machine !== undefined) await lockAssets(tx, sql`a.kind = 'machine' and a.name = ${toText(machine)}`);
    if (!(await lockOpenRun(tx, runId)) || !(await insertItem(tx, item))) return;
    // The id of the item: that of the command where the command is in doubt.
    if (machine !== undefined)
      await quarantineMachine(tx, { machineId: machine, reason: toReason(subject), atMs, runId, commandId: itemId });
    const data = { itemId, kind: subject.kind, text: subject.text };
    const status = await refreshStatus(tx, { runId, atMs, data: { itemId } });
    await appendEvents(tx, [{ type: 'inbox.opened', atMs, runId, callPath, data }, ...status]);
  });
}

/** Shown while the machine is quarantined, also where nobody is asked any more. */
function toReason(subject: InboxSubject): string {
  if (subject.kind === 'held-machine') return subject.known;
  return subject.kind === 'uncertain-command'
    ? `${subject.text} Where nobody asks for that any more, release it: praxis machines release ${subject.machine}.`
    : subject.text;
}

async function insertItem(tx: Transaction, item: NewItem): Promise<boolean> {
  const { rows } = await sql`
    insert into inbox_item (id, run_id, call_path, workflow_id, subject, status, created_at)
    values (${toText(item.itemId)}, ${item.runId}::uuid, ${toText(item.callPath)}, ${toText(item.workflowId)}, ${toJson(item.subject)}::json,
      'open', to_timestamp(${item.atMs}::float8 / 1000))
    on conflict do nothing returning id`.execute(tx);
  return rows.length > 0;
}

export type ItemClosing = { readonly itemId: string; readonly runId: string; readonly atMs: number } & (
  | { readonly status: 'answered'; readonly given: GivenAnswer }
  | { readonly status: 'withdrawn'; readonly note?: string }
);

/** The first close counts; a repeated or late one changes nothing. */
export async function closeItem(db: Database, closing: ItemClosing): Promise<void> {
  const { itemId, runId } = closing;
  const given = closing.status === 'answered' ? closing.given : undefined;
  const atMs = given?.atMs ?? closing.atMs;
  const note = closing.status === 'answered' ? closing.given.note : closing.note;
  await db.transaction().execute(async (tx) => {
    if (!(await lockOpenRun(tx, runId))) return;
    const { rows } = await sql<{ callPath: string }>`
      update inbox_item set status = ${closing.status}, answer = ${given === undefined ? null : toJson(given.answer)}::json,
        answered_by = ${given === undefined ? null : toText(given.by)}, note = ${note === undefined ? null : toText(note)},
        answered_at = ${given === undefined ? null : sql`to_timestamp(${atMs}::float8 / 1000)`}
      where id = ${toText(itemId)} and run_id = ${runId}::uuid and status = 'open' returning call_path as "callPath"`.execute(tx);
    const callPath = rows[0]?.callPath;
    if (callPath === undefined) return;
    const told: NewEvent =
      given === undefined
        ? { type: 'inbox.withdrawn', atMs, runId, callPath, data: { itemId, ...(note !== undefined && { note }) } }
        : { type: 'inbox.answered', atMs, runId, callPath, data: { itemId, answer: given.answer, by: given.by, note: given.note } };
    const status = await refreshStatus(tx, { runId, atMs, data: { itemId } });
    await appendEvents(tx, [told, ...status]);
  });
}

/** With the workflow that waits for the answer; none waits for an alarm. */
export type HeldItem = InboxItem & { readonly workflowId: string | null };

export async function getItem(db: Database, id: string): Promise<HeldItem | undefined> {
  return (await selectItems(db, sql`where i.id = ${toText(id)}`))[0]?.item;
}

export interface ItemFilter {
  readonly status?: InboxStatus | undefined;
  readonly runId?: string | undefined;
  readonly limit: number;
  readonly cursor?: string | undefined;
}

/** In the order in which they were opened. */
export async function listItems(db: Database, filter: ItemFilter): Promise<Page<InboxItem>> {
  const key = parseCursor(filter.cursor, ['number']);
  if (filter.runId !== undefined && !isUuid(filter.runId)) return { items: [] };
  const conditions = [
    sql`i.ordinal > ${Number(key?.[0] ?? 0)}`,
    ...(filter.status === undefined ? [] : [sql`i.status = ${filter.status}`]),
    ...(filter.runId === undefined ? [] : [sql`i.run_id = ${filter.runId}::uuid`]),
  ];
  const rows = await selectItems(db, sql`where ${sql.join(conditions, sql` and `)} order by i.ordinal limit ${filter.limit + 1}`);
  return toPage(rows, {
    limit: filter.limit,
    toItem: ({ item: { workflowId: _holder, ...item } }) => item,
    toKey: ({ ordinal }) => [ordinal],
  });
}

interface ItemRow {
  readonly id: string;
  readonly rev: number;
  readonly ordinal: number;
  readonly run_id: string | null;
  readonly protocol: string | null;
  readonly call_path: string;
  readonly workflow_id: string | null;
  readonly status: InboxStatus;
  readonly subject: InboxSubject;
  readonly created_at: Date;
  readonly answer: Json;
  readonly answered_by: string | null;
  readonly answered_at: Date | null;
  readonly note: string | null;
  readonly ended_at: Date | null;
  readonly reminders: number;
  readonly escalated_at: Date | null;
}

async function selectItems(db: Database, tail: RawBuilder<unknown>): Promise<{ ordinal: number; item: HeldItem }[]> {
  const { rows } = await sql<ItemRow>`select i.*, run.protocol from inbox_item i left join run on run.id = i.run_id ${tail}`.execute(db);
  return rows.map((row) => ({ ordinal: row.ordinal, item: toItem(row) }));
}

function toItem(row: ItemRow): HeldItem {
  return {
    id: row.id,
    rev: row.rev,
    runId: row.run_id,
    protocol: row.protocol,
    callPath: row.call_path,
    workflowId: row.workflow_id,
    status: row.status,
    subject: row.subject,
    createdAt: row.created_at.toISOString(),
    ...(row.status === 'answered' ? { answer: row.answer } : {}),
    ...(row.answered_by === null ? {} : { answeredBy: row.answered_by }),
    ...(row.answered_at === null ? {} : { answeredAt: row.answered_at.toISOString() }),
    ...(row.note === null || row.note === '' ? {} : { note: row.note }),
    ...(row.ended_at === null ? {} : { endedAt: row.ended_at.toISOString() }),
    ...(row.reminders === 0 ? {} : { reminders: row.reminders }),
    ...(row.escalated_at === null ? {} : { escalatedAt: row.escalated_at.toISOString() }),
  };
}
