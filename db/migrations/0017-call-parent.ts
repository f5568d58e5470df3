// Which call made a call is kept beside it: working it out for each of tens of thousands took most of the time that a call tree took.

import { sql, type Kysely } from 'kysely';

/** As `toParentCall` tells it: the last name goes, and with it the parts of the call that it stands in. */
const PARENT = `case when position('/' in path) = 0 then '' else regexp_replace(path, '([[({][^/]*)?/[^/]*$', '') end`;

export async function up(db: Kysely<unknown>): Promise<void> {
  await sql.raw(`alter table call add column parent text not null generated always as (${PARENT}) stored`).execute(db);
}
