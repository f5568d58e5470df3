// Which journal a workcell works with, and why it is lost where it is: {because, foundAtMs, isWhole}.

import { sql, type Kysely } from 'kysely';

export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`alter table workcell add column journal_id text, add column journal_lost json`.execute(db);
}
