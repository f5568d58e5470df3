// Which items of a run somebody has named: the others may still become other ones until they are granted. Runs of before keep what they have.

import { sql, type Kysely } from 'kysely';

const NAMED_ASSETS = `alter table run_asset add column is_named boolean not null default true;`;

export async function up(db: Kysely<unknown>): Promise<void> {
  await sql.raw(NAMED_ASSETS).execute(db);
}
