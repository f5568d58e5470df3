// First schema: definitions, workcells with their assets, runs, reservations, the journal copy and its
// projections, and the append-only event history with the one function that writes it.
//
// Columns that only carry a document are `json`, not `jsonb`: they keep the author's key order and the
// texts (NUL included) that jsonb refuses, so no device message can block the shipping of the journal.

import { sql, type Kysely } from 'kysely';

const DEFINITIONS = `
create table definition (
  id uuid primary key default gen_random_uuid(),
  source text not null,
  bundle text not null,
  name text not null,
  version text not null,
  description text not null,
  is_top_level boolean not null,
  kind text not null,
  file text not null,
  line integer not null,
  export_name text not null,
  is_current boolean not null,
  published_at timestamptz not null default now(),
  unique (name, version, bundle)
);
create index definition_current on definition (name, version) where is_current;
create table parameter_definition (
  definition_id uuid not null references definition on delete cascade,
  ordinal integer not null,
  name text not null,
  type text not null,
  required boolean not null,
  spec json not null,
  primary key (definition_id, name)
);
create table asset_definition (
  definition_id uuid not null references definition on delete cascade,
  ordinal integer not null,
  name text not null,
  kind text not null check (kind in ('machine', 'labware')),
  type text not null,
  positions integer,
  description text,
  primary key (definition_id, name)
);`;

const ASSETS = `
create table workcell (
  id uuid primary key default gen_random_uuid(),
  name text not null unique,
  deck_type text,
  deck_carriers json
);
create table asset (
  id uuid primary key default gen_random_uuid(),
  workcell_id uuid not null references workcell,
  ordinal integer not null,
  kind text not null check (kind in ('machine', 'labware')),
  name text not null unique,
  type text not null,
  mode text check (mode in ('simulation', 'hardware')),
  positions integer,
  quarantine_reason text,
  quarantined_by_run_id uuid,
  removed_at timestamptz
);
create index asset_kind on asset (kind, type) where removed_at is null;
create table machine (
  asset_id uuid primary key references asset,
  backend text not null,
  backend_arguments json not null
);
create table labware (
  asset_id uuid primary key references asset,
  catalogue_type text not null,
  carrier text not null,
  site integer not null,
  fresh json not null,
  auto_replace boolean not null
);`;

const RUNS = `
create table run (
  id uuid primary key,
  definition_id uuid not null references definition,
  workcell_id uuid references workcell,
  protocol text not null,
  version text not null,
  bundle text not null,
  status text not null,
  mode text not null check (mode in ('simulation', 'hardware')),
  parameters json not null,
  priority integer not null,
  created_by text not null,
  created_at timestamptz not null,
  started_at timestamptz,
  ended_at timestamptz,
  fence bigint,
  workflow_run_id text,
  result json,
  error json
);
create index run_open on run (id) where ended_at is null;
create index run_unstarted on run (id) where ended_at is null and workflow_run_id is null;
create index run_status on run (status, id);
create index run_protocol on run (protocol, id);
create table run_asset (
  run_id uuid not null references run,
  ordinal integer not null,
  parameter text not null,
  asset_id uuid not null references asset,
  name text not null,
  kind text not null,
  type text not null,
  primary key (run_id, parameter)
);
create table idempotency_key (
  created_by text not null,
  key text not null,
  request_hash text not null,
  run_id uuid not null,
  primary key (created_by, key)
);
create sequence fence_sequence;
create table reservation (
  asset_id uuid primary key references asset,
  run_id uuid not null references run,
  fence bigint not null,
  granted_at timestamptz not null
);
create index reservation_run on reservation (run_id);
create table asset_wait (
  asset_id uuid not null references asset,
  rank_ms bigint not null,
  run_id uuid not null references run,
  primary key (asset_id, rank_ms, run_id)
);
create index asset_wait_run on asset_wait (run_id);`;

const PROJECTIONS = `
create table call_entry (
  workflow_id text not null,
  n integer not null,
  run_id uuid not null references run,
  entry json not null,
  primary key (workflow_id, n)
);
create table call (
  run_id uuid not null references run,
  path text not null,
  name text,
  version text,
  kind text,
  arguments json,
  started_at timestamptz,
  started_n integer,
  status text not null,
  result json,
  error json,
  ended_at timestamptz,
  ended_n integer,
  primary key (run_id, path)
);
create table command (
  id text primary key,
  ordinal bigint generated always as identity,
  run_id uuid not null references run,
  call_path text not null,
  n integer not null,
  retry integer not null,
  machine text not null,
  method text not null,
  arguments json not null,
  fence bigint not null,
  status text not null,
  began_at timestamptz,
  ended_at timestamptz,
  result json,
  error json
);
create unique index command_run on command (run_id, ordinal);
create table bridge (
  id text primary key,
  last_row bigint not null
);
create table journal_row (
  bridge_id text not null references bridge,
  row bigint not null,
  kind text not null,
  at timestamptz not null,
  command_id text,
  body json not null,
  skipped text,
  primary key (bridge_id, row)
);`;

// Every writer passes the advisory lock, which ends with its transaction, so a reader that has seen a
// position has seen all lower ones. A plain identity column becomes visible out of order.
const HISTORY = `
create table event (
  pos bigint primary key,
  seq bigint,
  type text not null,
  at timestamptz not null,
  run_id uuid,
  call_path text,
  data json not null
);
create unique index event_run on event (run_id, seq);
create index event_run_pos on event (run_id, pos);
create function append_events(types text[], ats_ms float8[], run_ids uuid[], call_paths text[], datas text[])
returns bigint language plpgsql as $$
declare
  last_pos bigint;
begin
  perform pg_advisory_xact_lock(7263951002);
  select coalesce(max(pos), 0) into last_pos from event;
  insert into event (pos, seq, type, at, run_id, call_path, data)
  select last_pos + given.n,
         case when given.run_id is null then null
              else coalesce((select max(seq) from event where event.run_id = given.run_id), 0)
                   + row_number() over (partition by given.run_id order by given.n) end,
         given.type, to_timestamp(given.at_ms / 1000), given.run_id, given.call_path, given.data::json
  from unnest(types, ats_ms, run_ids, call_paths, datas) with ordinality
       as given (type, at_ms, run_id, call_path, data, n);
  last_pos := last_pos + cardinality(types);
  perform pg_notify('praxis_events', last_pos::text);
  return last_pos;
end $$;
create function refuse_change() returns trigger language plpgsql as $$
begin
  raise exception 'History is append-only';
end $$;
create trigger event_append_only before update or delete on event
  for each statement execute function refuse_change();`;

export async function up(db: Kysely<unknown>): Promise<void> {
  for (const part of [DEFINITIONS, ASSETS, RUNS, PROJECTIONS, HISTORY]) await sql.raw(part).execute(db);
}
