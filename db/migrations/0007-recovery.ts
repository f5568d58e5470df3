// Recovery policies of protocols, and runs of commands given by hand to a machine that another run holds.

import { sql, type Kysely } from 'kysely';

export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`alter table definition add column recovery json`.execute(db);
  await sql`alter table run add column under_run_id uuid references run (id)`.execute(db);
  await sql`create index run_under_run on run (under_run_id) where under_run_id is not null`.execute(db);
}
