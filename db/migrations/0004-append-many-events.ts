// Appending many events at once: the last number of each run is looked up once and before anything is inserted. Looked up
// for each row it had to pass over all rows inserted just before, while the whole lab waited for the lock of the history.

import { sql, type Kysely } from 'kysely';

const HISTORY = `
create or replace function append_events(types text[], ats_ms float8[], run_ids uuid[], call_paths text[], datas text[])
returns bigint language plpgsql as $$
declare
  last_pos bigint;
begin
  perform pg_advisory_xact_lock(7263951002);
  select coalesce(max(pos), 0) into last_pos from event;
  insert into event (pos, seq, type, at, run_id, call_path, data)
  with given as materialized (
    select * from unnest(types, ats_ms, run_ids, call_paths, datas) with ordinality
      as told (type, at_ms, run_id, call_path, data, n)),
  last as materialized (
    select named.run_id, coalesce((select max(seq) from event where event.run_id = named.run_id), 0) as seq
    from (select distinct run_id from given where run_id is not null) as named)
  select last_pos + given.n, last.seq + row_number() over (partition by given.run_id order by given.n),
         given.type, to_timestamp(given.at_ms / 1000), given.run_id, given.call_path, given.data::json
  from given left join last using (run_id);
  last_pos := last_pos + cardinality(types);
  perform pg_notify('praxis_events', last_pos::text);
  return last_pos;
end $$;`;

export async function up(db: Kysely<unknown>): Promise<void> {
  await sql.raw(HISTORY).execute(db);
}
