// Workflows that Temporal has and no run row knows: which they are, and that people are told of each once.

import { sql } from 'kysely';
import type { Database } from '../connection/connect-database.js';
import { isUuid, toText } from '../connection/postgres-text.js';
import { endAlarms, raiseAlarm } from '../inbox/alarm.queries.js';
import { quarantineMachine } from '../assets/asset.queries.js';
import { toTerminateCommand, type TemporalAddress } from '../../domain/runs/terminate-command.js';

const ALARM_PREFIX = 'alarm/workflow/';

/** Those of the ids that are no run of this database. */
export async function listUnknownRuns(db: Database, ids: readonly string[]): Promise<readonly string[]> {
  const asked = ids.filter(isUuid);
  if (asked.length === 0) return [];
  const { rows } = await sql<{ id: string }>`
    select g.id::text as id from unnest(${asked}::uuid[]) as g (id) where not exists (select from run where run.id = g.id)`.execute(db);
  return rows.map(({ id }) => id);
}

export interface UnknownWorkflow {
  readonly workflowId: string;
  readonly protocol: string;
  readonly workcell: string;
  /** Names of the machines and labware that it was given. */
  readonly assets: readonly string[];
}

/** People are told, and no run gets its machines before they are released. False where they were told before. */
export async function reportUnknownWorkflow(
  db: Database,
  { workflowId, protocol, workcell, assets }: UnknownWorkflow,
  { temporal, atMs }: { temporal: TemporalAddress; atMs: number },
): Promise<boolean> {
  const itemId = `${ALARM_PREFIX}${workflowId}`;
  const because = `The workflow ${workflowId} of ${protocol} is open in Temporal, and this database knows no such run.`;
  const text = `${because} It is paused; no list shows what it does. End it (${toTerminateCommand(temporal, workflowId)}), then look at its machines and release them.`;
  if (
    !(await raiseAlarm(db, {
      itemId,
      subject: { kind: 'alarm', text, cause: 'unknown-workflow', workcell },
      runId: null,
      callPath: '',
      atMs,
    }))
  )
    return false;
  const { rows } = await sql<{ name: string }>`
    select name from asset where kind = 'machine' and removed_at is null and name = any(${assets.map(toText)}::text[]) order by name`.execute(
    db,
  );
  for (const { name } of rows)
    await db.transaction().execute((tx) => quarantineMachine(tx, { machineId: name, reason: because, atMs, commandId: itemId }));
  return true;
}

/** Workflows that people were told of, for as long as they are open, whoever told it and whatever a person has said since. */
export async function listReportedWorkflows(db: Database): Promise<readonly string[]> {
  const { rows } = await sql<{ id: string }>`
    select substr(id, ${ALARM_PREFIX.length + 1}::int) as id from inbox_item where is_alarm and ended_at is null and starts_with(id, ${ALARM_PREFIX})`.execute(
    db,
  );
  return rows.map(({ id }) => id);
}

/** Alarms of workflows that are open no more are over; the machines stay quarantined until a person has looked. */
export async function endReports(db: Database, open: readonly string[], atMs: number): Promise<void> {
  const { rows } = await sql<{ id: string }>`
    select id from inbox_item where is_alarm and ended_at is null and starts_with(id, ${ALARM_PREFIX})
      and id <> all(${open.map((id) => `${ALARM_PREFIX}${id}`)}::text[])`.execute(db);
  await endAlarms(
    db,
    rows.map(({ id }) => id),
    atMs,
  );
}
