// What time does to the inbox: how often people were told again of an item, alarms that no workflow waits for, and when a
// workcell was last heard of.

import { sql, type Kysely } from 'kysely';

const INBOX = `
alter table inbox_item
  alter column run_id drop not null,
  alter column workflow_id drop not null,
  add column workcell_id uuid references workcell,
  add column reminders integer not null default 0,
  add column escalated_at timestamptz,
  add column ended_at timestamptz,
  add column is_alarm boolean not null default false,
  add constraint inbox_item_holder check (is_alarm = (workflow_id is null) and (is_alarm or run_id is not null));
create index inbox_item_waiting on inbox_item (ordinal) where status = 'open';
create index inbox_item_alarm on inbox_item (workcell_id) where is_alarm and (status = 'open' or ended_at is null);`;

const HEARTBEAT = `
alter table workcell
  add column worker_heard_at timestamptz,
  add column bridge_heard_at timestamptz;
create index command_running on command (ordinal) where status = 'running';`;

export async function up(db: Kysely<unknown>): Promise<void> {
  for (const part of [INBOX, HEARTBEAT]) await sql.raw(part).execute(db);
}
