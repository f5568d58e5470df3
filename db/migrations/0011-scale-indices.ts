// What is asked of hundreds of thousands of runs is found without reading them all: the runs that used an asset, and the
// runs of a workcell by their fence.

import { sql, type Kysely } from 'kysely';

export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`create index run_asset_asset on run_asset (asset_id)`.execute(db);
  await sql`create index run_workcell on run (workcell_id, fence)`.execute(db);
  await sql`create index run_open_workcell on run (workcell_id) where ended_at is null`.execute(db);
}
