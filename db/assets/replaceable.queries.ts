// Fresh labware in the place of used: whether an item may be replaced or placed by hand, who asked for it, and what a run that was ended
// from outside left used.

import { sql } from 'kysely';
import { LabError } from '../../domain/errors/error.js';
import type { Database, Transaction } from '../connection/connect-database.js';
import { isUuid, toText } from '../connection/postgres-text.js';
import { lockAssets } from './asset-contest.js';

export interface ReplaceableItem {
  readonly id: string;
  readonly name: string;
  readonly workcell: string;
}

/** The item where no run holds it; LABWARE_ITEM_NOT_FOUND or ASSET_IN_USE otherwise. */
export async function requireReplaceable(db: Database | Transaction, nameOrId: string): Promise<ReplaceableItem> {
  const { rows } = await sql<ReplaceableItem & { runId: string | null; protocol: string | null }>`
    select a.id, a.name, w.name as workcell, r.run_id as "runId", run.protocol
    from asset a join workcell w on w.id = a.workcell_id
    left join reservation r on r.asset_id = a.id left join run on run.id = r.run_id
    where a.kind = 'labware' and a.removed_at is null and (a.id::text = ${toText(nameOrId)} or a.name = ${toText(nameOrId)})
    order by a.name limit 1`.execute(db);
  const item = rows[0];
  if (item === undefined)
    throw new LabError('LABWARE_ITEM_NOT_FOUND', { message: `There is no labware item '${nameOrId}'.`, field: 'name' });
  const { id, name, workcell, runId, protocol } = item;
  if (runId === null) return { id, name, workcell };
  throw new LabError('ASSET_IN_USE', { message: `${name} is held by run ${runId} (${protocol ?? 'unknown protocol'}).`, field: 'name' });
}

/** Does the work, under the item's fence, while no run can claim it; refuses as requireReplaceable does, with nothing done. */
export async function withReplaceable<T>(db: Database, name: string, work: (fence: number) => Promise<T>): Promise<T> {
  return await db.transaction().execute(async (tx) => {
    // Claims lock the same row, so a run is granted the item before the check or after the work.
    await lockAssets(tx, sql`a.kind = 'labware' and a.name = ${toText(name)}`);
    const { id } = await requireReplaceable(tx, name);
    return await work(await readLabwareFence(tx, id));
  });
}

/**
 * Highest fence under which a run was granted the item; 0 before the first. That of its holder, where it has one, and
 * never that of a machine beside it: another run may be at work there, and its commands must not be superseded.
 */
async function readLabwareFence(tx: Transaction, assetId: string): Promise<number> {
  const { rows } = await sql<{ fence: number }>`
    select coalesce(max(run.fence), 0) as fence from run_asset ra join run on run.id = ra.run_id where ra.asset_id = ${assetId}::uuid`.execute(
    tx,
  );
  return rows[0]?.fence ?? 0;
}

/** The fence under which the run holds its labware; 0 where it was never granted any. */
export async function readRunFence(db: Database, runId: string): Promise<number> {
  const { rows } = await sql<{ fence: number | null }>`select fence from run where id = ${runId}::uuid`.execute(db);
  return rows[0]?.fence ?? 0;
}

/** Told with the event of the replacement; the bridge knows the request by its id alone. */
export async function noteRequester(db: Database, requestId: string, requestedBy: string): Promise<void> {
  await sql`insert into replacement_request (id, requested_by) values (${toText(requestId)}, ${toText(requestedBy)}) on conflict do nothing`.execute(
    db,
  );
}

export interface UsedConsumables {
  readonly runId: string;
  readonly fence: number;
  readonly labware: readonly string[];
}

/** Runs of the workcell that have ended and were the last to hold simulated consumables. */
export async function listLastHolders(db: Database, workcell: string): Promise<readonly string[]> {
  const { rows } = await sql<{ runId: string }>`
    select distinct r.id as "runId" from workcell w
    join asset a on a.workcell_id = w.id and a.removed_at is null join labware l on l.asset_id = a.id and l.auto_replace
    join lateral (${lastHolderOf(sql`a.id`)}) r on r.ended_at is not null
    where w.name = ${toText(workcell)}`.execute(db);
  return rows.map(({ runId }) => runId);
}

/**
 * Does the work with the simulated consumables that an ended run of the workcell has left used: those that nobody was
 * granted since, none of which can be claimed meanwhile. False, and nothing is done, where there are none.
 */
export async function withUsedConsumables(
  db: Database,
  of: { workcell: string; runId: string },
  work: (used: UsedConsumables) => Promise<void>,
): Promise<boolean> {
  const { workcell, runId } = of;
  if (!isUuid(runId)) return false;
  return await db.transaction().execute(async (tx) => {
    const locked = await lockAssets(
      tx,
      sql`a.removed_at is null and a.id in (
      select ra.asset_id from run_asset ra join labware l on l.asset_id = ra.asset_id and l.auto_replace where ra.run_id = ${runId}::uuid)`,
    );
    const { rows } = await sql<{ fence: number; labware: readonly string[] }>`
      select r.fence, array_agg(a.name order by ra.ordinal) as labware
      from run r join workcell w on w.id = r.workcell_id join run_asset ra on ra.run_id = r.id join asset a on a.id = ra.asset_id
      where r.id = ${runId}::uuid and w.name = ${toText(workcell)} and r.ended_at is not null and a.id = any(${[...locked]}::uuid[])
        and r.id = (select last.id from (${lastHolderOf(sql`a.id`)}) last)
      group by r.fence`.execute(tx);
    const used = rows[0];
    if (used === undefined) return false;
    await work({ runId, ...used });
    return true;
  });
}

/** The run that was granted the item last. */
function lastHolderOf(assetId: ReturnType<typeof sql>): ReturnType<typeof sql> {
  return sql`select held.id, held.ended_at from run_asset of_it join run held on held.id = of_it.run_id
    where of_it.asset_id = ${assetId} and held.fence is not null order by held.fence desc limit 1`;
}
