// Runs whose workflow cannot go on: an alarm that lasts until it goes on or has ended, and as long a person is needed.

import { sql } from 'kysely';
import type { Database, Transaction } from '../connection/connect-database.js';
import { appendEvents } from '../history/append-events.js';
import { isUuid } from '../connection/postgres-text.js';
import { endAlarms, raiseAlarm } from './alarm.queries.js';
import { lockOpenRun, refreshStatus } from '../runs/run-status.js';

export interface StuckRun {
  readonly runId: string;
  /** Why, and what can be done. */
  readonly text: string;
  readonly atMs: number;
}

/** False where the run has ended, or is known to be stuck. */
export async function raiseStuckRun(db: Database, { runId, text, atMs }: StuckRun): Promise<boolean> {
  if (!isUuid(runId)) return false;
  const { rows } = await sql<{ workcell: string }>`
    select w.name as workcell from run r join workcell w on w.id = r.workcell_id where r.id = ${runId}::uuid and r.ended_at is null`.execute(
    db,
  );
  const workcell = rows[0]?.workcell;
  if (workcell === undefined || (await listLasting(db, runId)).length > 0) return false;
  const subject = { kind: 'alarm', text, cause: 'stuck-run', workcell } as const;
  const isNew = await raiseAlarm(db, { itemId: `alarm/stuck/${runId}/${atMs}`, subject, runId, callPath: '', atMs });
  await showStatus(db, runId, atMs);
  return isNew;
}

/** The run goes on. */
export async function endStuckRun(db: Database, runId: string, atMs: number): Promise<void> {
  if (!isUuid(runId)) return;
  await endAlarms(db, await listLasting(db, runId), atMs);
  await showStatus(db, runId, atMs);
}

/** Ids of runs that people were told of and that have not gone on since. */
export async function listStuckRuns(db: Database): Promise<readonly string[]> {
  const { rows } = await sql<{ runId: string }>`
    select distinct run_id as "runId" from inbox_item where is_alarm and ended_at is null and subject->>'cause' = 'stuck-run'`.execute(db);
  return rows.map(({ runId }) => runId);
}

async function listLasting(db: Database, runId: string): Promise<readonly string[]> {
  const { rows } = await sql<{ id: string }>`
    select id from inbox_item where run_id = ${runId}::uuid and is_alarm and ended_at is null and subject->>'cause' = 'stuck-run'`.execute(
    db,
  );
  return rows.map(({ id }) => id);
}

async function showStatus(db: Database, runId: string, atMs: number): Promise<void> {
  await db.transaction().execute(async (tx: Transaction) => {
    if (await lockOpenRun(tx, runId)) await appendEvents(tx, await refreshStatus(tx, { runId, atMs }));
  });
}
