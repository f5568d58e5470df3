// Statistics of calls are kept and not counted: what a statement changes is noted beside it, in rows that nobody else touches,
// and folded into the sums from time to time. Durations are kept in steps of at most 2.5 %.

import { sql, type Kysely } from 'kysely';

const COUNT_COLUMNS = `name text not null, version text not null, status text not null, bucket_ms bigint not null, n bigint not null,
  first_started_at timestamptz, last_started_at timestamptz, max_ms float8`;

// A call that has not ended has bucket -1. Commands count under the empty status, with bucket -2.
const TABLES = `
drop index call_function;
create table call_count (${COUNT_COLUMNS}, primary key (name, version, status, bucket_ms));
create table call_count_delta (id bigint generated always as identity primary key, ${COUNT_COLUMNS});
create table command_uncounted (run_id uuid not null, call_path text not null, n bigint not null);
create index command_uncounted_call on command_uncounted (run_id, call_path);
create function to_bucket_ms(ms float8) returns bigint language sql immutable as $$
  select case when ms < 100 then round(ms) else round(ms / step) * step end::bigint from (select 5 * power(10, floor(log(greatest(ms, 1))) - 2) as step) as steps $$;`;

/** What rows of calls add to the sums. A run that continues another shows calls that it took over; they count where they were carried out. */
const countRows = (rows: string, sign: 1 | -1): string => `
  select c.name, coalesce(c.version, '') as version, c.status, ${sign} as n, c.started_at, lasted.ms,
    case when c.ended_at is null then -1 else to_bucket_ms(lasted.ms) end as bucket_ms
  from ${rows} c join run on run.id = c.run_id
  cross join lateral (select round(extract(epoch from greatest(c.ended_at, c.started_at) - c.started_at) * 1000)::float8 as ms) lasted
  where c.name is not null and c.started_at is not null
    and not (run.continues_run_id is not null and c.ended_at is not null and c.ended_at < run.created_at)`;

const sumRows = (changes: string): string => `
  select name, version, status, bucket_ms, sum(n), min(started_at) filter (where n > 0), max(started_at) filter (where n > 0),
    max(ms) filter (where n > 0 and bucket_ms >= 0)
  from (${changes}) changes group by name, version, status, bucket_ms having sum(n) <> 0`;

const COLUMNS = 'name, version, status, bucket_ms, n, first_started_at, last_started_at, max_ms';

// Commands may come before the call that gave them has a name.
const COUNT_WAITING = `
  if exists (select from command_uncounted) then
    with named as (
      delete from command_uncounted u using added c where u.run_id = c.run_id and u.call_path = c.path and c.name is not null and c.started_at is not null
      returning c.name, coalesce(c.version, '') as version, u.n)
    insert into call_count_delta (name, version, status, bucket_ms, n) select name, version, '', -2, sum(n) from named group by name, version;
  end if;`;

const TRIGGERS = `
create function count_new_calls() returns trigger language plpgsql as $$ begin
  insert into call_count_delta (${COLUMNS}) ${sumRows(countRows('added', 1))}; ${COUNT_WAITING}
  return null; end $$;
create function count_changed_calls() returns trigger language plpgsql as $$ begin
  insert into call_count_delta (${COLUMNS}) ${sumRows(`${countRows('removed', -1)} union all ${countRows('added', 1)}`)}; ${COUNT_WAITING}
  return null; end $$;
create function count_commands() returns trigger language plpgsql as $$ begin
  with given as (select run_id, regexp_replace(call_path, '[[({][^/]*$', '') as call_path, count(*) as n from added group by 1, 2),
  known as (
    select given.*, call.name, coalesce(call.version, '') as version from given
    left join call on call.run_id = given.run_id and call.path = given.call_path and call.started_at is not null),
  waiting as (insert into command_uncounted (run_id, call_path, n) select run_id, call_path, n from known where name is null)
  insert into call_count_delta (name, version, status, bucket_ms, n)
  select name, version, '', -2, sum(n) from known where name is not null group by name, version;
  return null; end $$;
create trigger call_counted after insert on call referencing new table as added for each statement execute function count_new_calls();
create trigger call_recounted after update on call referencing old table as removed new table as added for each statement execute function count_changed_calls();
create trigger command_counted after insert on command referencing new table as added for each statement execute function count_commands();`;

const FILL = `
insert into call_count (${COLUMNS}) ${sumRows(countRows('call', 1))};
insert into call_count (name, version, status, bucket_ms, n)
  select call.name, coalesce(call.version, ''), '', -2, count(*)
  from command join call on call.run_id = command.run_id and call.path = regexp_replace(command.call_path, '[[({][^/]*$', '')
  where call.name is not null and call.started_at is not null group by 1, 2;`;

export async function up(db: Kysely<unknown>): Promise<void> {
  for (const part of [TABLES, TRIGGERS, FILL]) await sql.raw(part).execute(db);
}
