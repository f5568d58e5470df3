// What the bridge of a workcell last said of a stop of everything; null before the first.

import { sql, type Kysely } from 'kysely';

export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`alter table workcell add column stop_all json`.execute(db);
}
