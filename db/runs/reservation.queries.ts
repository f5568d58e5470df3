// Reservations of whole runs: all assets at once or none, and never past a run that comes earlier. Machines that a
// protocol shares (`perUse`) are not among them: sections of the run claim these.

import { sql } from 'kysely';
import { LabError } from '../../domain/errors/error.js';
import type { WaitingFor } from '../../domain/runs/run.js';
import type { Database, Transaction } from '../connection/connect-database.js';
import { appendEvents } from '../history/append-events.js';
import { isUuid } from '../connection/postgres-text.js';
import { findBlockers, lockAssets, readContest, toRankMs } from '../assets/asset-contest.js';
import { refreshStatus } from './run-status.js';

export type Claim =
  | { readonly granted: true; readonly fence: number }
  | { readonly granted: false; readonly waitingFor: readonly WaitingFor[] };

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

/** Asks for the assets of a queued run. Once granted, the answer and its fence stay the same. */
export async function claimForRun(db: Database, runId: string, atMs: number): Promise<Claim> {
  if (!isUuid(runId)) throw new LabError('RUN_NOT_FOUND');
  return await db.transaction().execute(async (tx) => {
    const assetIds = await lockAssets(tx, sql`a.id in (select asset_id from run_asset where run_id = ${runId}::uuid and hold = 'perRun')`);
    const run = await tx
      .selectFrom('run')
      .select(['fence', 'status', 'priority', 'created_at', 'ended_at'])
      .where('id', '=', runId)
      .forNoKeyUpdate()
      .executeTakeFirst();
    if (run === undefined) throw new LabError('RUN_NOT_FOUND', { message: `There is no run ${runId}.` });
    if (run.ended_at !== null) throw new LabError('RUN_TERMINATED', { message: `Run ${runId} has already ended as ${run.status}.` });
    if (run.fence !== null) return { granted: true, fence: run.fence };
    const rankMs = toRankMs({ priority: run.priority, createdAtMs: run.created_at.getTime() });
    const waitingFor = findBlockers({ runId, useId: '', rankMs }, await readContest(tx, assetIds));
    if (waitingFor.length > 0) return { granted: false, waitingFor };
    return { granted: true, fence: await grant(tx, runId, atMs) };
  });
}

async function grant(tx: Transaction, runId: string, atMs: number): Promise<number> {
  const { rows } = await sql<{ fence: number }>`
    with granted as (select nextval('fence_sequence') as fence),
    no_wait as (delete from asset_wait where run_id = ${runId}::uuid and use_id = ''),
    held as (
      insert into reservation (asset_id, run_id, fence, granted_at)
      select asset_id, run_id, granted.fence, to_timestamp(${atMs}::float8 / 1000) from run_asset, granted where run_id = ${runId}::uuid and hold = 'perRun')
    update run set fence = granted.fence from granted where id = ${runId}::uuid returning run.fence`.execute(tx);
  const fence = rows[0]?.fence ?? 0;
  await appendEvents(tx, [{ type: 'run.granted', atMs, runId, data: { fence } }, ...(await refreshStatus(tx, { runId, atMs }))]);
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
  return [...new Set(grantable.map((row) => row.runId))].slice(0, limit);
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
