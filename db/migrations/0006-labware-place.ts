// Where labware is now, which moves with every plate that is carried; `location` stays what the workcell's description says.

import { sql, type Kysely } from 'kysely';

export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`alter table labware add column place json`.execute(db);
}
