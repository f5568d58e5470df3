// Calls are found by the function they called, for its statistics.

import { sql, type Kysely } from 'kysely';

export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`create index call_function on call (name, version)`.execute(db);
}
