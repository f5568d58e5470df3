// When a workcell's worker and its bridge were last heard of, and which commands are running there. Times are Postgres's
// own, so that the clocks of other machines do not matter.

import { sql } from 'kysely';
import type { WorkcellSilence } from '../../domain/inbox/alarm.js';
import type { JsonObject } from '../../domain/json/json.js';
import type { Database } from '../connection/connect-database.js';
import { toText } from '../connection/postgres-text.js';

/** The worker is there; its bridge too, where it has answered. */
export async function noteHeartbeat(db: Database, workcell: string, hasBridge: boolean): Promise<void> {
  await sql`update workcell set worker_heard_at = now(), bridge_heard_at = case when ${hasBridge} then now() else bridge_heard_at end
    where name = ${toText(workcell)}`.execute(db);
}

export async function listSilences(db: Database): Promise<readonly WorkcellSilence[]> {
  const { rows } = await sql<WorkcellSilence>`
    with busy as (
      select w.id, w.name, count(r.id) as "openRuns", min(r.started_at) as since, w.worker_heard_at, w.bridge_heard_at
      from workcell w left join run r on r.workcell_id = w.id and r.ended_at is null and r.workflow_run_id is not null
      group by w.id),
    heard as (select *, coalesce(worker_heard_at, since, now()) as worker, coalesce(bridge_heard_at, since, now()) as bridge from busy)
    select name as workcell, "openRuns",
      extract(epoch from now() - worker)::float8 * 1000 as "workerMs", extract(epoch from now() - bridge)::float8 * 1000 as "bridgeMs",
      floor(extract(epoch from worker) * 1000)::float8 as "workerHeardAtMs", floor(extract(epoch from bridge) * 1000)::float8 as "bridgeHeardAtMs"
    from heard order by name`.execute(db);
  return rows;
}

export interface RunningCommand {
  readonly id: string;
  readonly runId: string;
  readonly callPath: string;
  readonly machine: string;
  /** Front end of the machine. */
  readonly frontend: string;
  readonly method: string;
  readonly arguments: JsonObject;
  readonly beganAtMs: number;
}

/** As the journal has told; the oldest first. */
export async function listRunningCommands(db: Database, workcell: string): Promise<readonly RunningCommand[]> {
  const { rows } = await sql<RunningCommand>`
    select c.id, c.run_id as "runId", c.call_path as "callPath", c.machine, coalesce(a.type, '') as frontend, c.method, c.arguments,
      extract(epoch from c.began_at)::float8 * 1000 as "beganAtMs"
    from command c join run r on r.id = c.run_id join workcell w on w.id = r.workcell_id
    left join asset a on a.name = c.machine and a.kind = 'machine'
    where c.status = 'running' and c.began_at is not null and w.name = ${toText(workcell)} order by c.ordinal`.execute(db);
  return rows;
}
