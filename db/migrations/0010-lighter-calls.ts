// Very many small calls cost less: an entry of the call log is known by its numbers alone, what it says stands in the call;
// and events are handed over as one JSON text, since arrays of texts take longer to write than all the rest.

import { sql, type Kysely } from 'kysely';

const ENTRIES = `
alter table call_entry add column ended_n integer;
update call_entry set ended_n = (entry->'ended'->>'n')::int where entry->'ended' is not null;
alter table call_entry drop column entry;`;

const HISTORY = `
drop function append_events(text[], float8[], uuid[], text[], text[]);
create function append_events(events json) returns bigint language plpgsql as $$
declare
  last_pos bigint;
  appended bigint;
begin
  perform pg_advisory_xact_lock(7263951002);
  select coalesce(max(pos), 0) into last_pos from event;
  insert into event (pos, seq, type, at, run_id, call_path, data)
  with given as materialized (
    select * from rows from (json_to_recordset(events) as (type text, "atMs" float8, "runId" uuid, "callPath" text, data text))
      with ordinality as told (type, at_ms, run_id, call_path, data, n)),
  last as materialized (
    select named.run_id, coalesce((select max(seq) from event where event.run_id = named.run_id), 0) as seq
    from (select distinct run_id from given where run_id is not null) as named)
  select last_pos + given.n, last.seq + row_number() over (partition by given.run_id order by given.n),
         given.type, to_timestamp(given.at_ms / 1000), given.run_id, given.call_path, given.data::json
  from given left join last using (run_id);
  get diagnostics appended = row_count;
  last_pos := last_pos + appended;
  perform pg_notify('praxis_events', last_pos::text);
  return last_pos;
end $$;`;

export async function up(db: Kysely<unknown>): Promise<void> {
  await sql.raw(ENTRIES).execute(db);
  await sql.raw(HISTORY).execute(db);
}
