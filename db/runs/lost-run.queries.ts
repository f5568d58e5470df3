// Runs, and workflows of runs, that were ended from outside: what their workcell must hear, and the questions that nobody
// waits for any more.

import { sql } from 'kysely';
import type { Database } from '../connection/connect-database.js';
import { appendEvents } from '../history/append-events.js';
import { isUuid, toText } from '../connection/postgres-text.js';
import { lockOpenRun, refreshStatus } from './run-status.js';

/** The channel on which a run is told whose row is not closed yet. */
export const OVER_CHANNEL = 'praxis_over';
/** Older ones were told long ago, or never reach their bridge again; of a run that is open its calls may, however many came after it. */
const LOOK_BACK_RUNS = 1_000;

/** Tells the workcell's worker, if it is there, that nothing of the run may begin any more. */
export async function tellRunIsOver(db: Database, runId: string): Promise<void> {
  await sql`select pg_notify(${OVER_CHANNEL}, ${runId})`.execute(db);
}

/** Whether the run is one of the workcell's. */
export async function isRunOf(db: Database, workcell: string, runId: string): Promise<boolean> {
  if (!isUuid(runId)) return false;
  const { rows } =
    await sql`select r.id from run r join workcell w on w.id = r.workcell_id where r.id = ${runId}::uuid and w.name = ${workcell}`.execute(
      db,
    );
  return rows.length > 0;
}

/**
 * A call of a run that goes on was ended from outside: kept, and the workcell's worker is told. Where its workflow id was too long
 * to hold the path of the call, the path is the one that was told of it; a call of which nothing was told has begun nothing.
 */
export async function noteEndedCall(
  db: Database,
  ended: { readonly runId: string; readonly workflowId: string; readonly atMs: number },
): Promise<void> {
  const { runId, workflowId, atMs } = ended;
  if (!isUuid(runId)) return;
  await sql`
    with noted as (
      insert into ended_call (run_id, call_path, ended_at)
      select r.id, coalesce((select c.path from call c where c.run_id = r.id and c.workflow_id = ${toText(workflowId)} order by length(c.path) limit 1),
        substr(${toText(workflowId)}, length(${runId}) + 2)), to_timestamp(${atMs}::float8 / 1000)
      from run r where r.id = ${runId}::uuid
      on conflict do nothing returning run_id)
    select pg_notify(${OVER_CHANNEL}, '') from noted`.execute(db);
}

/** What was ended from outside: of the workcell's newest runs whole ones by their id, of these and of open ones calls by that and their path. */
export async function listLostScopes(db: Database, workcell: string): Promise<readonly string[]> {
  const { rows } = await sql<{ id: string }>`
    with place as (select id from workcell where name = ${workcell}),
    newest as (
      select r.id, r.status, r.error from run r where r.workcell_id = (select id from place) order by r.id desc limit ${LOOK_BACK_RUNS})
    select id::text from newest where status = 'failed' and error->>'code' = 'RUN_TERMINATED'
    union all select run_id || '/' || call_path from ended_call where run_id in (
      select id from newest union all select id from run where workcell_id = (select id from place) and ended_at is null)`.execute(db);
  return rows.map(({ id }) => id);
}

/** Takes back what these workflows of a run that goes on have asked. */
export async function withdrawItemsOf(
  db: Database,
  gone: { readonly runId: string; readonly workflowIds: readonly string[]; readonly atMs: number },
): Promise<void> {
  const { runId, workflowIds, atMs } = gone;
  await db.transaction().execute(async (tx) => {
    if (!(await lockOpenRun(tx, runId))) return;
    const { rows } = await sql<{ id: string; callPath: string }>`
      update inbox_item set status = 'withdrawn' where run_id = ${runId}::uuid and status = 'open' and workflow_id = any(${[...workflowIds]}::text[])
      returning id, call_path as "callPath"`.execute(tx);
    if (rows.length === 0) return;
    const events = rows.map(({ id, callPath }) => ({ type: 'inbox.withdrawn' as const, atMs, runId, callPath, data: { itemId: id } }));
    await appendEvents(tx, [...events, ...(await refreshStatus(tx, { runId, atMs }))]);
  });
}
