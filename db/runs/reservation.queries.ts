// Reservations of whole runs: all assets at once or none, and never past a run that comes earlier. Machines that a
// protocol shares (`perUse`) are not among them: sections of the run claim these.

import { sql } from 'kysely';
import { LabError } from '../../domain/errors/error.js';
import type { BoundAsset, WaitingFor } from '../../domain/runs/run.js';
import type { Database, Transaction } from '../connection/connect-database.js';
import { appendEvents } from '../history/append-events.js';
import { isUuid } from '../connection/postgres-text.js';
import { findBlockers, lockAssets, readContest, toRankMs } from '../assets/asset-contest.js';
import { findStandIns, type Rebinding } from '../assets/stand-ins.js';
import { refreshStatus } from './run-status.js';

export type Claim =
  | { readonly granted: true; readonly fence: number; readonly assets: RunAssets }
  | { readonly granted: false; readonly waitingFor: readonly WaitingFor[] };

/** By the names that the protocol declares. */
export type RunAssets = Readonly<Record<string, BoundAsset>>;

export interface Reservation {
  readonly assetId: string;
  readonly asset: string;
  readonly kind: 'machine' | 'labware';
  readonly workcell: string;
  readonly runId: string;
  readonly protocol: string;
  readonly fence: number;
  /** The section of the run that holds it; left out where the whole run does. */
  readonly useId?: string;
  readonly grantedAt: string;
}

/**
 * Asks for the assets of a queued run. Once granted, the answer and its fence stay the same. What nobody has named becomes another
 * item where that one is free and the one that was meant is not; a workflow that could not be told so says `mayRebind: false`.
 */
export async function claimForRun(db: Database, runId: string, atMs: number, { mayRebind = true } = {}): Promise<Claim> {
  const { rankMs, ...claim } = await claimOnce(db, runId, atMs, []);
  if (claim.granted || !mayRebind) return claim;
  const standIns = await findStandIns(db, { runId, rankMs });
  if (standIns === undefined) return claim;
  const { rankMs: _, ...second } = await claimOnce(db, runId, atMs, standIns);
  return second.granted ? second : claim;
}

/** Of what it has, or with others in the place of some of it; where that is refused nothing has changed. */
async function claimOnce(
  db: Database,
  runId: string,
  atMs: number,
  standIns: readonly Rebinding[],
): Promise<Claim & { readonly rankMs: number }> {
  if (!isUuid(runId)) throw new LabError('RUN_NOT_FOUND');
  return await db.transaction().execute(async (tx) => {
    const others = standIns.map(({ asset }) => asset.id);
    // One statement locks both what the run leaves and what it takes: locks are taken in the order of ids.
    const locked = await lockAssets(
      tx,
      sql`a.id = any(${others}::uuid[]) or a.id in (select asset_id from run_asset where run_id = ${runId}::uuid and hold = 'perRun')`,
    );
    const run = await tx
      .selectFrom('run')
      .select(['fence', 'status', 'priority', 'created_at', 'ended_at'])
      .where('id', '=', runId)
      .forNoKeyUpdate()
      .executeTakeFirst();
    if (run === undefined) throw new LabError('RUN_NOT_FOUND', { message: `There is no run ${runId}.` });
    if (run.ended_at !== null) throw new LabError('RUN_TERMINATED', { message: `Run ${runId} has already ended as ${run.status}.` });
    const rankMs = toRankMs({ priority: run.priority, createdAtMs: run.created_at.getTime() });
    const bound = await readBound(tx, runId);
    if (run.fence !== null) return { granted: true, fence: run.fence, assets: toRunAssets(bound), rankMs };
    const left = new Set(standIns.map(({ parameter }) => parameter));
    const kept = bound.filter(({ parameter, hold }) => hold === 'perRun' && !left.has(parameter)).map(({ id }) => id);
    const wanted = locked.filter((id) => kept.includes(id) || others.includes(id));
    const waitingFor = findBlockers({ runId, useId: '', rankMs }, await readContest(tx, wanted));
    if (waitingFor.length > 0) return { granted: false, waitingFor, rankMs };
    await rebind(tx, runId, standIns);
    const assets = toRunAssets(standIns.length === 0 ? bound : await readBound(tx, runId));
    return { granted: true, fence: await grant(tx, { runId, atMs, assets: standIns.length === 0 ? undefined : assets }), assets, rankMs };
  });
}

interface BoundRow extends BoundAsset {
  readonly parameter: string;
  readonly hold: 'perRun' | 'perUse';
}

async function readBound(tx: Transaction, runId: string): Promise<readonly BoundRow[]> {
  const { rows } = await sql<BoundRow>`
    select parameter, hold, asset_id as id, name, kind, type from run_asset where run_id = ${runId}::uuid order by ordinal`.execute(tx);
  return rows;
}

function toRunAssets(bound: readonly BoundRow[]): RunAssets {
  return Object.fromEntries(bound.map(({ parameter, hold: _, ...asset }) => [parameter, asset]));
}

async function rebind(tx: Transaction, runId: string, standIns: readonly Rebinding[]): Promise<void> {
  for (const { parameter, asset } of standIns) {
    await sql`update run_asset set asset_id = ${asset.id}::uuid, name = ${asset.name}, type = ${asset.type}
      where run_id = ${runId}::uuid and parameter = ${parameter}`.execute(tx);
  }
}

/** `assets` where they have become other ones than those that the run was made with. */
async function grant(
  tx: Transaction,
  { runId, atMs, assets }: { runId: string; atMs: number; assets: RunAssets | undefined },
): Promise<number> {
  const { rows } = await sql<{ fence: number }>`
    with granted as (select nextval('fence_sequence') as fence),
    no_wait as (delete from asset_wait where run_id = ${runId}::uuid and use_id = ''),
    held as (
      insert into reservation (asset_id, run_id, fence, granted_at)
      select asset_id, run_id, granted.fence, to_timestamp(${atMs}::float8 / 1000) from run_asset, granted where run_id = ${runId}::uuid and hold = 'perRun')
    update run set fence = granted.fence from granted where id = ${runId}::uuid returning run.fence`.execute(tx);
  const fence = rows[0]?.fence ?? 0;
  const names = assets && Object.fromEntries(Object.entries(assets).map(([parameter, { name }]) => [parameter, name]));
  const data = { fence, ...(names && { assets: names }) };
  await appendEvents(tx, [{ type: 'run.granted', atMs, runId, data }, ...(await refreshStatus(tx, { runId, atMs }))]);
  return fence;
}

/**
 * Runs that would be granted what they, or a section of theirs, wait for, in their order: a hint whom to wake.
 * Only the first waiter or section of some asset can be one, so there are never more candidates than that.
 */
export async function listGrantableRuns(db: Database, limit: number): Promise<string[]> {
  const { rows } = await sql<{ runId: string; useId: string; rankMs: number; assetIds: string[] }>`
    select aw.run_id as "runId", aw.use_id as "useId", aw.rank_ms as "rankMs", array_agg(aw.asset_id) as "assetIds"
    from asset_wait aw
    where (aw.run_id, aw.use_id) in (
      select run_id, use_id from (select distinct on (asset_id) run_id, use_id from asset_wait order by asset_id, rank_ms, run_id, use_id) waiter
      union select run_id, use_id from (select distinct on (asset_id) run_id, use_id from asset_wait where use_id <> ''
        order by asset_id, rank_ms, run_id, use_id) section)
    group by aw.run_id, aw.use_id, aw.rank_ms order by aw.rank_ms, aw.run_id, aw.use_id`.execute(db);
  const contest = await readContest(db, [...new Set(rows.flatMap((row) => row.assetIds))]);
  const grantable = rows.filter((row) => {
    const assets = contest.filter((asset) => row.assetIds.includes(asset.id));
    return findBlockers(row, assets).length === 0;
  });
  const runIds = new Set(grantable.map((row) => row.runId));
  for (const run of await listRebindable(db)) {
    if (runIds.size >= limit) break;
    if (!runIds.has(run.runId) && (await findStandIns(db, run)) !== undefined) runIds.add(run.runId);
  }
  return [...runIds].slice(0, limit);
}

/** Of runs that leave the same open only the first could be granted now. */
const REBINDABLE_MAX = 32;

/** Queued runs with items that nobody has named, in their order: the first of each protocol and set of named items. */
async function listRebindable(db: Database): Promise<readonly { runId: string; rankMs: number }[]> {
  const { rows } = await sql<{ runId: string; rankMs: number }>`
    with waiting as (select run_id, min(rank_ms) as rank_ms from asset_wait where use_id = '' group by run_id),
    open as (
      select w.run_id, w.rank_ms, r.definition_id, r.workcell_id,
        (select array_agg(ra.asset_id order by ra.ordinal) from run_asset ra where ra.run_id = r.id and (ra.is_named or ra.hold = 'perUse')) as fixed
      from waiting w join run r on r.id = w.run_id and r.ended_at is null
      where exists (select from run_asset ra where ra.run_id = r.id and not ra.is_named and ra.hold = 'perRun')),
    first as (select distinct on (definition_id, workcell_id, fixed) run_id, rank_ms from open order by definition_id, workcell_id, fixed, rank_ms, run_id)
    select run_id as "runId", rank_ms as "rankMs" from first order by rank_ms, run_id limit ${REBINDABLE_MAX}`.execute(db);
  return rows;
}

/** What is held now, by workcell and name. */
export async function listReservations(db: Database): Promise<Reservation[]> {
  const { rows } = await sql<Omit<Reservation, 'grantedAt' | 'useId'> & { grantedAt: Date; useId: string }>`
    select a.id as "assetId", a.name as asset, a.kind, w.name as workcell, r.run_id as "runId", run.protocol,
      r.fence, r.granted_at as "grantedAt", r.use_id as "useId"
    from reservation r join asset a on a.id = r.asset_id join workcell w on w.id = a.workcell_id join run on run.id = r.run_id
    order by w.name, a.name`.execute(db);
  return rows.map(({ useId, ...row }) => ({ ...row, ...(useId === '' ? {} : { useId }), grantedAt: row.grantedAt.toISOString() }));
}
