// What people ask of a workcell: kept until its worker has answered, so that neither a request nor an answer is lost with a connection.

import { sql, type Kysely } from 'kysely';

const WORKCELL_REQUEST = `
create table workcell_request (
  id uuid primary key,
  workcell_id uuid not null references workcell (id),
  kind text not null,
  body jsonb not null,
  asked_by text not null,
  asked_at timestamptz not null default clock_timestamp(),
  expires_at timestamptz not null,
  taken_at timestamptz,
  answered_at timestamptz,
  refusal jsonb);
create index workcell_request_waiting on workcell_request (workcell_id) where taken_at is null;
create index workcell_request_asked on workcell_request (asked_at);`;

export async function up(db: Kysely<unknown>): Promise<void> {
  await sql.raw(WORKCELL_REQUEST).execute(db);
}
