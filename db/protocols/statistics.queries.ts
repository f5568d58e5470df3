// Statistics of the call log: how often each version of a protocol function was called, how that ended, how long it
// took, and how many commands it gave. Nested functions count like those that are started as runs.

import { sql, type RawBuilder } from 'kysely';
import type { CallStatistics } from '../../domain/runs/call-statistics.js';
import type { Database } from '../connection/connect-database.js';

interface StatisticsRow extends Omit<CallStatistics, 'durationMs' | 'firstStartedAt' | 'lastStartedAt'> {
  readonly p50Ms: number | null;
  readonly p95Ms: number | null;
  readonly maxMs: number | null;
  readonly firstStartedAt: Date;
  readonly lastStartedAt: Date;
}

/** By name, of each name the version called last first. A function that was never called has no entry. Reads sums, however many calls there were. */
export async function listCallStatistics(db: Database, { name }: { name?: string } = {}): Promise<CallStatistics[]> {
  if (name?.includes('\0')) return [];
  const wanted = name === undefined ? sql`true` : sql`name = ${name}`;
  // Grouped once; steps of durations are ordered within their function, since one order over all of them takes most of the time.
  const { rows } = await sql<StatisticsRow>`
    with noted as (
      select name, version, status, bucket_ms, n, first_started_at, last_started_at, max_ms from call_count where ${wanted}
      union all select name, version, status, bucket_ms, n, first_started_at, last_started_at, max_ms from call_count_delta where ${wanted}),
    summed as (
      select name, version, ${countOf("status <> ''")} as calls, ${countOf("status = 'completed'")} as completed, ${countOf("status = 'failed'")} as failed,
        ${countOf("status = 'cancelled'")} as cancelled, ${countOf("status = 'running'")} as running, ${countOf("status = ''")} as commands,
        max(max_ms) as max_ms, min(first_started_at) as first_started_at, max(last_started_at) as last_started_at,
        array_agg(bucket_ms) filter (where bucket_ms >= 0) as buckets, array_agg(n) filter (where bucket_ms >= 0) as counts,
        sum(n) filter (where bucket_ms >= 0)::float8 as ended
      from noted group by name, version)
    select name, version, calls, completed, failed, cancelled, running, least(p50, max_ms) as "p50Ms", least(p95, max_ms) as "p95Ms",
      case when p50 is not null then max_ms end as "maxMs", round(commands::numeric / calls, 2)::float8 as "commandsPerCall",
      first_started_at as "firstStartedAt", last_started_at as "lastStartedAt"
    from summed cross join lateral (
      select min(bucket_ms) filter (where up_to >= 0.5::float8 * ended) as p50, min(bucket_ms) filter (where up_to >= 0.95::float8 * ended) as p95
      from (select bucket_ms, sum(n::float8) over (order by bucket_ms) as up_to from unnest(buckets, counts) as bucket (bucket_ms, n)) risen where ended > 0) quantiles
    where calls > 0 order by name, last_started_at desc, version desc`.execute(db);
  return rows.map(toStatistics);
}

function countOf(condition: string): RawBuilder<number> {
  return sql.raw(`coalesce(sum(n) filter (where ${condition}), 0)::bigint`);
}

/** Folded at once; what is left comes with the next call. */
const FOLD_LIMIT_ROWS = 20_000;
/** Commands of which no call was ever told are forgotten this long after the end of their run. */
const UNCOUNTED_KEPT = '7 days';

/** Adds what was noted to the sums; several may do so at once. Returns how much was noted. */
export async function foldCallCounts(db: Database): Promise<number> {
  const { rows } = await sql<{ folded: number }>`
    with taken as (
      delete from call_count_delta where id in (select id from call_count_delta order by id limit ${FOLD_LIMIT_ROWS} for update skip locked) returning *),
    folded as (
      insert into call_count as kept (name, version, status, bucket_ms, n, first_started_at, last_started_at, max_ms)
      select name, version, status, bucket_ms, sum(n), min(first_started_at), max(last_started_at), max(max_ms)
      from taken group by name, version, status, bucket_ms order by name, version, status, bucket_ms
      on conflict (name, version, status, bucket_ms) do update set n = kept.n + excluded.n,
        first_started_at = least(kept.first_started_at, excluded.first_started_at), last_started_at = greatest(kept.last_started_at, excluded.last_started_at),
        max_ms = greatest(kept.max_ms, excluded.max_ms)),
    forgotten as (delete from command_uncounted u using run where run.id = u.run_id and run.ended_at < now() - ${UNCOUNTED_KEPT}::interval)
    select count(*) as folded from taken`.execute(db);
  return rows[0]?.folded ?? 0;
}

function toStatistics({ p50Ms, p95Ms, maxMs, firstStartedAt, lastStartedAt, ...row }: StatisticsRow): CallStatistics {
  return {
    ...row,
    durationMs: p50Ms === null || p95Ms === null || maxMs === null ? null : { p50: p50Ms, p95: p95Ms, max: maxMs },
    firstStartedAt: firstStartedAt.toISOString(),
    lastStartedAt: lastStartedAt.toISOString(),
  };
}
