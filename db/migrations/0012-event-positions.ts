// Positions of events are given by one sequencer, after the transactions that wrote the events. Writers insert and neither
// wait for each other nor notify anybody; the sequencer finds by snapshot what its last batch could not see yet, and puts
// position and number in the run into a narrow table. Nothing is updated, so no reader ever sees a gap that fills later.

import { sql, type Kysely } from 'kysely';

// What was there keeps its positions: they become its ids. Transaction 0 is older than every snapshot.
const ROWS = `
drop trigger event_append_only on event;
drop function append_events(json);
alter table event rename to event_row;
create table event_position (pos bigint primary key, id bigint not null, run_id uuid, seq bigint);
insert into event_position (pos, id, run_id, seq) select pos, pos, run_id, seq from event_row order by pos;
create unique index event_position_run on event_position (run_id, pos) include (seq);
alter table event_row rename column pos to id;
alter table event_row rename constraint event_pkey to event_row_pkey;
alter table event_row drop column seq;
drop index if exists event_run, event_run_pos;
alter table event_row add column xid xid8 not null default '0';
alter table event_row alter column xid set default pg_current_xact_id();
alter table event_row alter column id add generated always as identity;
select setval(pg_get_serial_sequence('event_row', 'id'), coalesce((select max(id) from event_row), 0) + 1, false);
create index event_row_xid on event_row (xid);
create table event_batch (
  last_pos bigint primary key,
  snap pg_snapshot not null,
  cluster bigint not null default (pg_control_system()).system_identifier
);
insert into event_batch (last_pos, snap) select coalesce(max(pos), 0), pg_current_snapshot() from event_position;`;

// The number of a transaction may change: it means nothing after a dump was read back into another cluster.
const APPEND_ONLY = `
create trigger event_append_only before delete or update of id, type, at, run_id, call_path, data on event_row
  for each statement execute function refuse_change();
create trigger event_position_append_only before delete or update on event_position for each statement execute function refuse_change();
create view event as select p.pos, p.seq, e.type, e.at, p.run_id, e.call_path, e.data from event_position p join event_row e on e.id = p.id;
create trigger event_append_only instead of insert or update or delete on event for each row execute function refuse_change();`;

// Order inside a transaction is that of the events given; its id says so (a sequence without a cache).
const APPEND = `
create function append_events(events json) returns void language plpgsql as $$ begin
  insert into event_row (type, at, run_id, call_path, data)
  select type, to_timestamp(at_ms / 1000), run_id, call_path, data::json
  from (select * from rows from (json_to_recordset(events) as (type text, "atMs" float8, "runId" uuid, "callPath" text, data text))
    with ordinality as told (type, at_ms, run_id, call_path, data, n)) as given
  order by n;
end $$;`;

// What the last batch could not see: transactions that began after it, and those that were open then and have ended since.
// Of those still open nothing is read, or a large one would be walked at each look. Order within a batch is that of the ids,
// which rise in the order of the locks that their writers held; never that of the transactions.
const SEQUENCE = `
create function sequence_events(is_foreign boolean default false, out told bigint, out last bigint) language plpgsql as $$
declare was event_batch; begin
  select * into strict was from event_batch order by last_pos desc limit 1;
  with found as materialized (
    select e.id, e.run_id from event_row e where not is_foreign and e.xid >= pg_snapshot_xmax(was.snap)
    union all
    select e.id, e.run_id from pg_snapshot_xip(was.snap) as open (xid) cross join lateral (select * from event_row where event_row.xid = open.xid offset 0) e
      where not is_foreign and pg_visible_in_snapshot(open.xid, pg_current_snapshot())
    union all
    select e.id, e.run_id from event_row e where is_foreign and not exists (select from event_position p where p.id = e.id)),
  base as materialized (
    select f.run_id, (select p.seq from event_position p where p.run_id = f.run_id order by p.pos desc limit 1) as seq
    from (select distinct run_id from found where run_id is not null) f),
  placed as (insert into event_position (pos, id, run_id, seq)
    select was.last_pos + row_number() over (order by f.id), f.id, f.run_id,
      case when f.run_id is not null then coalesce(b.seq, 0) + row_number() over (partition by f.run_id order by f.id) end
    from found f left join base b using (run_id) returning pos),
  noted as (insert into event_batch (last_pos, snap)
    select coalesce(max(pos), was.last_pos), pg_current_snapshot() from placed having count(*) > 0 or is_foreign
    on conflict (last_pos) do update set snap = excluded.snap, cluster = excluded.cluster)
  select count(*), max(pos) into told, last from placed;
  if told > 0 then perform pg_notify('praxis_events', last::text); end if; end $$;
create function adopt_events() returns boolean language plpgsql as $$ begin
  if (select cluster from event_batch order by last_pos desc limit 1) = (select system_identifier from pg_control_system()) then return false; end if;
  perform sequence_events(true);
  update event_row set xid = '0' from event_position p where p.id = event_row.id and event_row.xid <> '0';
  return true; end $$;`;

export async function up(db: Kysely<unknown>): Promise<void> {
  for (const part of [ROWS, APPEND_ONLY, APPEND, SEQUENCE]) await sql.raw(part).execute(db);
}
