// Statistics of the call log: how often each version of a protocol function was called, how that ended, how long it
// took, and how many commands it gave. Nested functions count like those that are started as runs.

import { sql } from 'kysely';
import type { CallStatistics } from '../../domain/call-statistics.js';
import type { Database } from '../connect-database.js';

interface StatisticsRow extends Omit<CallStatistics, 'durationMs' | 'firstStartedAt' | 'lastStartedAt'> {
  readonly p50Ms: number | null;
  readonly p95Ms: number | null;
  readonly maxMs: number | null;
  readonly firstStartedAt: Date;
  readonly lastStartedAt: Date;
}

/** By name, of each name the version called last first. A function that was never called has no entry. */
export async function listCallStatistics(db: Database, { name }: { name?: string } = {}): Promise<CallStatistics[]> {
  if (name?.includes('\0')) return [];
  const wanted = name === undefined ? sql`true` : sql`call.name = ${name}`;
  // A run that continues another shows the calls it took over; they ended before it was created, and count where they
  // were carried out. Without its start a call has no name yet.
  const { rows } = await sql<StatisticsRow>`
    with chosen as materialized (
      select call.run_id, call.path, call.name, coalesce(call.version, '') as version, call.status, call.started_at,
        case when call.ended_at is not null
          then round(extract(epoch from greatest(call.ended_at, call.started_at) - call.started_at) * 1000)::float8 end as duration_ms
      from call join run on run.id = call.run_id
      where ${wanted} and call.name is not null and call.started_at is not null
        and not (run.continues_run_id is not null and call.ended_at is not null and call.ended_at < run.created_at)),
    sent as (
      select command.run_id, command.call_path as path, count(*) as commands
      from command where command.run_id = any(array(select distinct run_id from chosen)) group by command.run_id, command.call_path)
    select name, version, count(*) as calls,
      count(*) filter (where status = 'completed') as completed, count(*) filter (where status = 'failed') as failed,
      count(*) filter (where status = 'cancelled') as cancelled, count(*) filter (where status = 'running') as running,
      percentile_disc(0.5) within group (order by duration_ms) as "p50Ms",
      percentile_disc(0.95) within group (order by duration_ms) as "p95Ms", max(duration_ms) as "maxMs",
      round(coalesce(sum(sent.commands), 0) / count(*), 2)::float8 as "commandsPerCall",
      min(started_at) as "firstStartedAt", max(started_at) as "lastStartedAt"
    from chosen left join sent using (run_id, path)
    group by name, version order by name, max(started_at) desc, version desc`.execute(db);
  return rows.map(toStatistics);
}

function toStatistics({ p50Ms, p95Ms, maxMs, firstStartedAt, lastStartedAt, ...row }: StatisticsRow): CallStatistics {
  return {
    ...row,
    durationMs: p50Ms === null || p95Ms === null || maxMs === null ? null : { p50: p50Ms, p95: p95Ms, max: maxMs },
    firstStartedAt: firstStartedAt.toISOString(),
    lastStartedAt: lastStartedAt.toISOString(),
  };
}
