// Second schema: run control, the inbox, run state and measurements, sections that share machines, resolved
// commands, runs that continue others, calls that are workflows of their own.

import { sql, type Kysely } from 'kysely';

const RUN_CONTROL = `
alter table run
  add column pause_reasons text[] not null default '{}',
  add column is_pausing boolean not null default false,
  add column is_cancelling boolean not null default false,
  add column control_rev bigint not null default 0,
  add column time_scale float8 not null default 1,
  add column continues_run_id uuid references run,
  add column continues_ledger json;
update run set is_cancelling = true where status = 'cancelling';
alter table call add column workflow_id text;
alter table command
  add column resolution json,
  add column resolved_by text,
  add column resolved_at timestamptz;`;

const INBOX = `
create table inbox_item (
  id text primary key,
  ordinal bigint generated always as identity,
  run_id uuid not null references run,
  call_path text not null,
  workflow_id text not null,
  subject json not null,
  status text not null check (status in ('open', 'answered', 'withdrawn')),
  created_at timestamptz not null,
  answer json,
  answered_by text,
  answered_at timestamptz,
  note text
);
create unique index inbox_item_ordinal on inbox_item (ordinal);
create index inbox_item_run on inbox_item (run_id, ordinal);
create index inbox_item_open on inbox_item (run_id) where status = 'open';
alter table asset add column quarantined_by_command_id text;`;

const STATE_AND_DATA = `
create table run_state (
  run_id uuid primary key references run,
  state json not null,
  n integer not null
);
create table run_data (
  run_id uuid not null references run,
  ordinal bigint generated always as identity,
  name text not null,
  call_path text not null,
  at timestamptz not null,
  value json,
  command_id text,
  primary key (run_id, ordinal)
);`;

// Labware and machines may stand in other places than sites of carriers.
const PLACES = `
alter table labware add column location json;
update labware set location = json_build_object('carrier', carrier, 'site', site);
alter table labware alter column location set not null, drop column carrier, drop column site;
alter table machine add column location json, add column frontend_arguments json;`;

// The empty use id means the whole run. The fence of the last section tells the newest owner of a shared machine.
const SECTIONS = `
alter table asset_definition add column hold text check (hold in ('perUse'));
alter table run_asset add column hold text not null default 'perRun' check (hold in ('perRun', 'perUse'));
alter table reservation add column use_id text not null default '';
alter table asset_wait add column use_id text not null default '';
alter table asset_wait drop constraint asset_wait_pkey;
alter table asset_wait add primary key (asset_id, rank_ms, run_id, use_id);
alter table asset add column section_fence bigint not null default 0;
create table replacement_request (
  id text primary key,
  requested_by text not null,
  requested_at timestamptz not null default now()
);`;

export async function up(db: Kysely<unknown>): Promise<void> {
  for (const part of [RUN_CONTROL, INBOX, STATE_AND_DATA, PLACES, SECTIONS]) await sql.raw(part).execute(db);
}
