// A start whose items are free takes them in the statement that writes it: locked, looked at again, and refused as a whole where
// somebody was faster.

import { sql, type Kysely } from 'kysely';

// Each statement of a volatile function sees what was committed before it, so the second one sees what the holders of the locks
// before have changed. Locks are taken in the order of ids, as everywhere.
const TAKE_FREE = `
create function take_free(ids uuid[]) returns boolean language plpgsql volatile as $$
declare locked bigint; begin
  select count(*) into locked from (select from asset where id = any(ids) and removed_at is null and quarantine_reason is null order by id for update) a;
  if locked < cardinality(ids) or exists (select from reservation where asset_id = any(ids)) or exists (select from asset_wait where asset_id = any(ids)) then
    raise exception 'taken meanwhile' using errcode = 'PX001';
  end if;
  return true; end $$;`;

export async function up(db: Kysely<unknown>): Promise<void> {
  await sql.raw(TAKE_FREE).execute(db);
}
