// Changes the status of a run: started, waiting for a person, running again, ended. Each change is told
// once, however often it is reported, and an ended run never changes again.

import { sql } from 'kysely';
import { LabError, type ErrorRecord } from '../../domain/error.js';
import type { NewEvent } from '../../domain/event.js';
import type { Json, JsonObject } from '../../domain/json.js';
import type { EndedRunStatus, RunStatus } from '../../domain/run.js';
import type { Database, Transaction } from '../connect-database.js';
import { appendEvents } from '../event-log/append-events.js';
import { isUuid, toJsonText } from '../postgres-text.js';
import { lockAssets } from './asset-contest.js';
import { quarantineMachine } from './asset.queries.js';

/** Temporal has the run. It runs if it has its assets, else it stays queued. */
export async function markRunStarted(db: Database, started: { runId: string; workflowRunId: string; atMs: number }): Promise<void> {
  await db.transaction().execute(async (tx) => {
    const { rows } = await sql<{ hasEnded: boolean }>`
      update run set workflow_run_id = ${started.workflowRunId},
        started_at = least(to_timestamp(${started.atMs}::float8 / 1000), ended_at),
        status = case when status = 'queued' and fence is not null then 'running' else status end
      where id = ${started.runId}::uuid and workflow_run_id is null
      returning ended_at is not null as "hasEnded"`.execute(tx);
    // A quick run may have ended before this was written; its start is no news any more.
    if (rows[0] === undefined || rows[0].hasEnded) return;
    await appendEvents(tx, [{ type: 'run.started', atMs: started.atMs, runId: started.runId, data: {} }]);
  });
}

export interface StatusChange {
  readonly runId: string;
  readonly status: Extract<RunStatus, 'needs-operator' | 'running' | 'cancelling'>;
  readonly atMs: number;
  readonly data?: JsonObject;
}

/** A run that is being cancelled shows nothing else until it has ended. */
export async function setRunStatus(db: Database, change: StatusChange): Promise<void> {
  await db.transaction().execute((tx) => changeStatus(tx, change));
}

/** A command of the run is uncertain: its machine is quarantined and the run waits for a person, both or neither. */
export async function holdRun(db: Database, hold: { runId: string; machine: string; reason: string; atMs: number; data: JsonObject }): Promise<void> {
  const { runId, machine, reason, atMs, data } = hold;
  await db.transaction().execute(async (tx) => {
    // Both rows are locked before the first event, in the order of all other transactions: assets, run, history.
    await lockAssets(tx, selectMachines([machine]));
    await sql`select id from run where id = ${runId}::uuid for update`.execute(tx);
    await quarantineMachine(tx, { machineId: machine, reason, atMs, runId });
    await changeStatus(tx, { runId, status: 'needs-operator', atMs, data });
  });
}

async function changeStatus(tx: Transaction, change: StatusChange): Promise<void> {
  const { rows } = await sql<{ before: RunStatus }>`
    with old as (select id, status from run where id = ${change.runId}::uuid and ended_at is null for update)
    update run set status = ${change.status} from old
    where run.id = old.id and old.status not in (${change.status}, 'cancelling') returning old.status as before`.execute(tx);
  const before = rows[0]?.before;
  if (before === undefined) return;
  const { atMs, runId, data = {} } = change;
  if (change.status !== 'running') await appendEvents(tx, [{ type: `run.${change.status}`, atMs, runId, data }]);
  else if (before === 'needs-operator') await appendEvents(tx, [{ type: 'run.resumed', atMs, runId, data }]);
}

export interface RunEnd {
  readonly runId: string;
  readonly status: EndedRunStatus;
  readonly result?: Json;
  readonly error?: ErrorRecord;
  readonly atMs: number;
  /** Names or ids; the reason is the message of the error. */
  readonly quarantineMachines?: readonly string[];
}

/** Ends a run and frees all that it holds or waits for. Only the first end counts. */
export async function closeRun(db: Database, end: RunEnd): Promise<{ closed: boolean }> {
  if (!isUuid(end.runId)) throw new LabError('RUN_NOT_FOUND');
  const { runId, atMs } = end;
  return await db.transaction().execute(async (tx) => {
    // Machines to quarantine are locked here too: after the first event nothing may wait for a row.
    const doubtful = [...(end.quarantineMachines ?? [])].sort();
    await lockAssets(
      tx,
      sql`a.id in (select asset_id from run_asset where run_id = ${runId}::uuid)
        or ${selectMachines(doubtful)}`,
    );
    const { rows } = await sql`
      with ended as (
        update run set status = ${end.status}, ended_at = to_timestamp(${atMs}::float8 / 1000),
          result = ${toJsonText(end.result)}::json, error = ${toJsonText(end.error)}::json
        where id = ${runId}::uuid and ended_at is null returning id),
      freed as (delete from reservation where run_id in (select id from ended)),
      unwanted as (delete from asset_wait where run_id in (select id from ended))
      select id, pg_notify('praxis_freed', id::text) from ended`.execute(tx);
    if (rows.length === 0) return { closed: false };
    const reason = end.error?.message ?? `Run ${runId} ended as ${end.status} and left the machine in doubt.`;
    for (const machineId of doubtful) await quarantineMachine(tx, { machineId, reason, atMs, runId });
    const data: NewEvent['data'] = end.error === undefined ? {} : { error: { ...end.error } };
    await appendEvents(tx, [{ type: `run.${end.status}`, atMs, runId, data }]);
    return { closed: true };
  });
}

function selectMachines(namesOrIds: readonly string[]) {
  return sql`(a.kind = 'machine' and (a.name = any(${namesOrIds}::text[]) or a.id::text = any(${namesOrIds}::text[])))`;
}
