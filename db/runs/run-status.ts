// Changes what people see of a run that goes on: started, held, waiting for a person, being cancelled. Each
// change is told once, however often it is reported, and an ended run never changes again.
// Lock order of every transaction: assets, run, history.

import { sql } from 'kysely';
import type { ControlState, PauseReason } from '../../domain/runs/control.js';
import type { EventData, NewEvent } from '../../domain/history/event.js';
import type { RunStatus } from '../../domain/runs/run.js';
import { showRunStatus, type RunFacts } from '../../domain/runs/run-status.js';
import type { Database, Transaction } from '../connection/connect-database.js';
import { appendEvents } from '../history/append-events.js';
import { isUuid } from '../connection/postgres-text.js';

// The end of a run; callers know both as one module.
export { closeRun, type RunEnd } from './close-run.js';

type ShownType = `run.${'needs-operator' | 'pausing' | 'paused' | 'resumed' | 'cancelling'}`;
/** Who asked for a change, and why; or the item that led to it. */
type AskedChange = Pick<EventData<ShownType>, 'by' | 'reason' | 'itemId'>;

export interface ControlChange {
  readonly runId: string;
  readonly control: ControlState;
  /** The bridge holds the run and no command of it is running. */
  readonly isAcknowledged: boolean;
  readonly atMs: number;
  /** Who asked for it, and why; kept with the event. */
  readonly data?: AskedChange;
}

/** Shows the control state that a run has reported. A lower revision than the one shown changes nothing. */
export async function applyControl(db: Database, { runId, control, isAcknowledged, atMs, data = {} }: ControlChange): Promise<void> {
  const { rev, pauseReasons, cancel } = control;
  await db.transaction().execute(async (tx) => {
    if (!(await lockOpenRun(tx, runId))) return;
    // A run that was held all the time has begun nothing: another reason does not make it pausing again.
    const { rows } = await sql`
      update run set control_rev = ${rev}, pause_reasons = ${[...pauseReasons]}::text[],
        is_pausing = ${pauseReasons.length > 0 && !isAcknowledged} and not (pause_reasons <> '{}' and not is_pausing),
        is_cancelling = is_cancelling or ${cancel}
      where id = ${runId}::uuid and control_rev <= ${rev} returning id`.execute(tx);
    if (rows.length === 0) return;
    await appendEvents(tx, await refreshStatus(tx, { runId, atMs, data }));
  });
}

export interface StatusChange {
  readonly runId: string;
  readonly status: Extract<RunStatus, 'cancelling'>;
  readonly atMs: number;
  readonly data?: AskedChange;
}

/** Somebody has asked for it: shown before the run itself reports it. There is no way back. */
export async function setRunStatus(db: Database, { runId, atMs, data }: StatusChange): Promise<void> {
  await db.transaction().execute(async (tx) => {
    if (!(await lockOpenRun(tx, runId))) return;
    await sql`update run set is_cancelling = true where id = ${runId}::uuid`.execute(tx);
    await appendEvents(tx, await refreshStatus(tx, { runId, atMs, ...(data === undefined ? {} : { data }) }));
  });
}

/** Temporal has the run. It runs if it has its assets, else it stays queued. */
export async function markRunStarted(db: Database, started: { runId: string; workflowRunId: string; atMs: number }): Promise<void> {
  const { runId, atMs } = started;
  await db.transaction().execute(async (tx) => {
    const { rows } = await sql<{ hasEnded: boolean }>`
      update run set workflow_run_id = ${started.workflowRunId}, started_at = least(to_timestamp(${atMs}::float8 / 1000), ended_at)
      where id = ${runId}::uuid and workflow_run_id is null
      returning ended_at is not null as "hasEnded"`.execute(tx);
    // A quick run may have ended before this was written; its start is no news any more.
    if (rows[0] === undefined || rows[0].hasEnded) return;
    await appendEvents(tx, [{ type: 'run.started', atMs, runId, data: {} }, ...(await refreshStatus(tx, { runId, atMs }))]);
  });
}

/** False where the run has ended or does not exist. Rows that only point at the run may still be written by others. */
export async function lockOpenRun(tx: Transaction, runId: string): Promise<boolean> {
  if (!isUuid(runId)) return false;
  const { rows } = await sql`select id from run where id = ${runId}::uuid and ended_at is null for no key update`.execute(tx);
  return rows.length > 0;
}

interface StatusInputs extends RunFacts {
  readonly status: RunStatus;
  readonly pauseReasons: readonly PauseReason[];
}

/** After a change of anything that the status depends on, with the run's row locked. Returns the event to tell, if any. */
export async function refreshStatus(tx: Transaction, change: { runId: string; atMs: number; data?: AskedChange }): Promise<NewEvent[]> {
  const { runId, atMs } = change;
  const { rows } = await sql<StatusInputs>`
    select status, is_cancelling as "isCancelling", is_pausing as "isPausing", pause_reasons as "pauseReasons",
      pause_reasons <> '{}' as "isHeld", fence is null or workflow_run_id is null as "isQueued",
      (select count(*) from inbox_item i where i.run_id = run.id
        and case when i.is_alarm then i.ended_at is null and i.subject->>'cause' = 'stuck-run' else i.status = 'open' end) as "openItems"
    from run where id = ${runId}::uuid and ended_at is null for no key update`.execute(tx);
  const facts = rows[0];
  if (facts === undefined) return [];
  const status = showRunStatus(facts);
  if (status === facts.status) return [];
  await sql`update run set status = ${status} where id = ${runId}::uuid`.execute(tx);
  const type = toEventType(facts.status, status);
  if (type === undefined) return [];
  const isHeld = status === 'pausing' || status === 'paused';
  return [{ type, atMs, runId, data: { ...(isHeld ? { reasons: facts.pauseReasons } : {}), ...change.data } }];
}

function toEventType(before: RunStatus, after: RunStatus): ShownType | undefined {
  if (after === 'pausing' || after === 'paused' || after === 'needs-operator' || after === 'cancelling') return `run.${after}`;
  // Start and grant have events of their own.
  return before === 'queued' || before === 'running' ? undefined : 'run.resumed';
}
