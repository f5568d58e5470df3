// Ends a run: frees all that it holds or waits for, ends calls that nobody will end any more, and takes its
// questions back. Only the first end counts.

import { sql } from 'kysely';
import { LabError, type ErrorRecord } from '../../domain/errors/error.js';
import type { NewEvent } from '../../domain/history/event.js';
import type { Json } from '../../domain/json/json.js';
import type { EndedRunStatus } from '../../domain/runs/run.js';
import type { Database, Transaction } from '../connection/connect-database.js';
import { appendEvents } from '../history/append-events.js';
import { isUuid, toJsonText, toStorableText } from '../connection/postgres-text.js';
import { lockAssets } from '../assets/asset-contest.js';
import { quarantineMachine } from '../assets/asset.queries.js';

export interface RunEnd {
  readonly runId: string;
  readonly status: EndedRunStatus;
  readonly result?: Json;
  readonly error?: ErrorRecord;
  readonly atMs: number;
  /** Names or ids; of those that it shares, the ones that a section of it holds. The reason is the message of the error. */
  readonly quarantineMachines?: readonly string[];
}

export async function closeRun(db: Database, end: RunEnd): Promise<{ closed: boolean }> {
  if (!isUuid(end.runId)) throw new LabError('RUN_NOT_FOUND');
  const { runId, atMs } = end;
  return await db.transaction().execute(async (tx) => {
    // Machines to quarantine are locked here too: after the first event nothing may wait for a row.
    const doubtful = [...(end.quarantineMachines ?? [])].sort();
    await lockAssets(
      tx,
      sql`a.id in (select asset_id from run_asset where run_id = ${runId}::uuid)
        or (a.kind = 'machine' and (a.name = any(${doubtful}::text[]) or a.id::text = any(${doubtful}::text[])))`,
    );
    const notHeld = await listNotHeld(tx, runId);
    if (!(await endRow(tx, end))) return { closed: false };
    const loose = [...(await withdrawItems(tx, end)), ...(await endCalls(tx, end))];
    const reason = end.error?.message ?? `Run ${runId} ended as ${end.status} and left the machine in doubt.`;
    for (const machineId of doubtful.filter((name) => !notHeld.has(name))) await quarantineMachine(tx, { machineId, reason, atMs, runId });
    const data = end.error === undefined ? {} : { error: { ...end.error } };
    await appendEvents(tx, [...loose, { type: `run.${end.status}`, atMs, runId, data }]);
    return { closed: true };
  });
}

/** Machines, by name and id, that the run shares with others and does not hold just now: whatever it leaves, it was not at them. */
async function listNotHeld(tx: Transaction, runId: string): Promise<ReadonlySet<string>> {
  const { rows } = await sql<{ id: string; name: string }>`
    select a.id::text as id, a.name from run_asset ra join asset a on a.id = ra.asset_id
    where ra.run_id = ${runId}::uuid and ra.hold = 'perUse'
      and not exists (select from reservation r where r.asset_id = a.id and r.run_id = ra.run_id)`.execute(tx);
  return new Set(rows.flatMap(({ id, name }) => [id, name]));
}

async function endRow(tx: Transaction, end: RunEnd): Promise<boolean> {
  const { rows } = await sql`
    with ended as (
      update run set status = ${end.status}, ended_at = to_timestamp(${end.atMs}::float8 / 1000), pause_reasons = '{}', is_pausing = false,
        result = ${toJsonText(end.result)}::json, error = ${toStorableText(end.error)}::json
      where id = ${end.runId}::uuid and ended_at is null returning id),
    freed as (delete from reservation where run_id in (select id from ended)),
    unwanted as (delete from asset_wait where run_id in (select id from ended))
    select id, pg_notify('praxis_freed', id::text) from ended`.execute(tx);
  return rows.length > 0;
}

async function withdrawItems(tx: Transaction, { runId, atMs }: RunEnd): Promise<NewEvent[]> {
  const { rows } = await sql<{ id: string; callPath: string }>`
    update inbox_item set status = 'withdrawn' where run_id = ${runId}::uuid and status = 'open' and not is_alarm
    returning id, call_path as "callPath"`.execute(tx);
  // It will not go on, and nobody need make it.
  const over = await sql<{ id: string }>`
    update inbox_item set ended_at = to_timestamp(${atMs}::float8 / 1000)
    where run_id = ${runId}::uuid and is_alarm and ended_at is null and subject->>'cause' = 'stuck-run' returning id`.execute(tx);
  const ended = over.rows.map(({ id }): NewEvent => ({ type: 'alarm.ended', atMs, runId, data: { itemId: id } }));
  return [
    ...ended,
    ...rows.map(({ id, callPath }): NewEvent => ({ type: 'inbox.withdrawn', atMs, runId, callPath, data: { itemId: id } })),
  ];
}

/** Without a number of an entry, so that an entry which arrives late still tells the true end. */
async function endCalls(tx: Transaction, { runId, atMs, error }: RunEnd): Promise<NewEvent[]> {
  const { rows } = await sql<{ path: string }>`
    update call set status = 'cancelled', ended_at = to_timestamp(${atMs}::float8 / 1000), error = coalesce(error, ${toStorableText(error)}::json)
    where run_id = ${runId}::uuid and status = 'running' returning path`.execute(tx);
  const inner = rows.map(({ path }) => path).sort((a, b) => b.length - a.length || (a < b ? -1 : 1));
  return inner.map((callPath) => ({ type: 'call.cancelled', atMs, runId, callPath, data: { because: 'The run ended.' } }));
}
