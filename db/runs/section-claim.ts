// Sections of a run (`run.use`) claim shared machines for a while: all at once or none, in the order in which the
// sections began to wait. The asset's row is locked, so a release and the next claim never overlap.

import { sql } from 'kysely';
import { LabError } from '../../domain/errors/error.js';
import type { NewEvent } from '../../domain/history/event.js';
import type { Database, Transaction } from '../connection/connect-database.js';
import { appendEvents } from '../history/append-events.js';
import { isUuid, toText } from '../connection/postgres-text.js';
import { quarantineMachine } from '../assets/asset.queries.js';
import { findBlockers, lockAssets, readContest, toRankMs } from '../assets/asset-contest.js';

export interface SectionClaim {
  readonly runId: string;
  /** Names the section within the run; never empty. */
  readonly useId: string;
  /** Asset ids. What the run holds as a whole needs no section and is passed over. */
  readonly assets: readonly string[];
}

/** The fence where granted, the same at every repeat; null where the section must wait and be asked for again. */
export async function claimForUse(db: Database, claim: SectionClaim, atMs: number): Promise<number | null> {
  return await db.transaction().execute(async (tx) => {
    const { assetIds, priority, runFence } = await lockSection(tx, claim);
    if (assetIds.length === 0) return runFence;
    const before = await readSection(tx, claim);
    if (before.fence !== null) return before.fence;
    const rankMs = before.rankMs ?? toRankMs({ priority, createdAtMs: atMs });
    const blockers = findBlockers({ runId: claim.runId, useId: claim.useId, rankMs }, await readContest(tx, assetIds));
    const isNews = before.rankMs === null;
    if (blockers.length > 0) {
      if (isNews) await wait(tx, { ...claim, assets: assetIds }, rankMs);
      const data = { useId: claim.useId, waitingFor: blockers.map((blocker) => ({ ...blocker })) };
      await appendEvents(tx, isNews ? [{ type: 'run.waiting', atMs, runId: claim.runId, data }] : []);
      return null;
    }
    const fence = await grant(tx, { ...claim, assets: assetIds }, atMs);
    // A section that never waited is no news: a run may have thousands of them.
    const granted: NewEvent = { type: 'run.granted', atMs, runId: claim.runId, data: { fence, useId: claim.useId } };
    await appendEvents(tx, isNews ? [] : [granted]);
    return fence;
  });
}

/** Ends a section, or its wait; repeated it changes nothing. Machines that it leaves in doubt go to nobody before a person has looked. */
export async function releaseUse(
  db: Database,
  claim: SectionClaim,
  doubt?: { readonly reason: string; readonly atMs: number },
): Promise<void> {
  if (!isUuid(claim.runId)) return;
  const useId = toText(claim.useId);
  await db.transaction().execute(async (tx) => {
    await lockAssets(tx, sql`a.id = any(${claim.assets.filter(isUuid)}::uuid[])`);
    const doubtful = doubt === undefined ? [] : await listHeld(tx, claim);
    await sql`
      with freed as (delete from reservation where run_id = ${claim.runId}::uuid and use_id = ${useId} and use_id <> '' returning asset_id),
      unwanted as (delete from asset_wait where run_id = ${claim.runId}::uuid and use_id = ${useId} and use_id <> '' returning asset_id)
      select pg_notify('praxis_freed', ${claim.runId}) where exists (
        select from asset_wait where asset_id in (select asset_id from freed union all select asset_id from unwanted)
        union all select from asset_wait w join run_asset ra on ra.run_id = w.run_id where w.use_id = '' and not ra.is_named)`.execute(tx);
    if (doubt) for (const machineId of doubtful) await quarantineMachine(tx, { machineId, runId: claim.runId, ...doubt });
  });
}

async function listHeld(tx: Transaction, { runId, useId }: SectionClaim): Promise<readonly string[]> {
  const { rows } = await sql<{ id: string }>`
    select asset_id::text as id from reservation where run_id = ${runId}::uuid and use_id = ${toText(useId)} and use_id <> '' order by 1`.execute(
    tx,
  );
  return rows.map(({ id }) => id);
}

interface LockedSection {
  readonly assetIds: readonly string[];
  readonly priority: number;
  readonly runFence: number | null;
}

/** Locks the shared machines of the section and then the run, as every transaction does. */
async function lockSection(tx: Transaction, claim: SectionClaim): Promise<LockedSection> {
  const { runId, useId, assets } = claim;
  if (!isUuid(runId) || useId === '') throw new LabError('RUN_NOT_FOUND', { message: `There is no section '${useId}' of a run ${runId}.` });
  const wanted = [...new Set(assets)];
  const { rows } = await sql<{ id: string; hold: string }>`
    select asset_id as id, hold from run_asset where run_id = ${runId}::uuid and asset_id = any(${wanted.filter(isUuid)}::uuid[])`.execute(
    tx,
  );
  const foreign = wanted.find((id) => !rows.some((row) => row.id === id));
  if (foreign !== undefined) throw new LabError('UNKNOWN_ASSET', { message: `Run ${runId} has no asset ${foreign}.` });
  const assetIds = rows.filter(({ hold }) => hold === 'perUse').map(({ id }) => id);
  await lockAssets(tx, sql`a.id = any(${assetIds}::uuid[])`);
  const { rows: runs } = await sql<{ status: string; priority: number; fence: number | null; hasEnded: boolean }>`
    select status, priority, fence, ended_at is not null as "hasEnded" from run where id = ${runId}::uuid for no key update`.execute(tx);
  const run = runs[0];
  if (run === undefined) throw new LabError('RUN_NOT_FOUND', { message: `There is no run ${runId}.` });
  if (run.hasEnded) throw new LabError('RUN_TERMINATED', { message: `Run ${runId} has already ended as ${run.status}.` });
  return { assetIds, priority: run.priority, runFence: run.fence };
}

async function readSection(tx: Transaction, claim: SectionClaim): Promise<{ fence: number | null; rankMs: number | null }> {
  const { rows } = await sql<{ fence: number | null; rankMs: number | null }>`
    select (select max(fence) from reservation where run_id = ${claim.runId}::uuid and use_id = ${toText(claim.useId)}) as fence,
      (select max(rank_ms) from asset_wait where run_id = ${claim.runId}::uuid and use_id = ${toText(claim.useId)}) as "rankMs"`.execute(
    tx,
  );
  return rows[0] ?? { fence: null, rankMs: null };
}

async function wait(tx: Transaction, claim: SectionClaim, rankMs: number): Promise<void> {
  await sql`insert into asset_wait (asset_id, rank_ms, run_id, use_id)
    select id, ${rankMs}::bigint, ${claim.runId}::uuid, ${toText(claim.useId)} from unnest(${[...claim.assets]}::uuid[]) as g (id)`.execute(
    tx,
  );
}

async function grant(tx: Transaction, claim: SectionClaim, atMs: number): Promise<number> {
  const { rows } = await sql<{ fence: number }>`
    with granted as (select nextval('fence_sequence') as fence),
    no_wait as (delete from asset_wait where run_id = ${claim.runId}::uuid and use_id = ${toText(claim.useId)}),
    held as (
      insert into reservation (asset_id, run_id, use_id, fence, granted_at)
      select id, ${claim.runId}::uuid, ${toText(claim.useId)}, granted.fence, to_timestamp(${atMs}::float8 / 1000)
      from granted, unnest(${[...claim.assets]}::uuid[]) as g (id)),
    known as (update asset set section_fence = granted.fence from granted where asset.id = any(${[...claim.assets]}::uuid[]))
    select fence from granted`.execute(tx);
  return rows[0]?.fence ?? 0;
}
