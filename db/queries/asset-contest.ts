// Who holds an asset and who waits for it, and the one rule that decides from this whether a run gets its
// assets: all are free, none is quarantined, and none is wanted by a run that comes earlier.

import { sql } from 'kysely';
import type { RunMode, WaitingFor } from '../../domain/run.js';
import type { Database, Transaction } from '../connect-database.js';

/** A queued run gains one step of priority in this time. */
const PRIORITY_STEP_MS = 3_600_000;

/**
 * Place in the queue; the lowest is served first. Since all waiting runs age alike, the order of
 * `priority + age` never changes, so one number tells it for ever.
 */
export function toRankMs(run: { priority: number; createdAtMs: number }): number {
  return run.createdAtMs - run.priority * PRIORITY_STEP_MS;
}

export interface Contender {
  readonly runId: string;
  readonly protocol: string;
}

export interface ContestedAsset {
  readonly id: string;
  readonly workcellId: string;
  readonly workcell: string;
  readonly kind: 'machine' | 'labware';
  readonly name: string;
  readonly type: string;
  readonly mode: RunMode | null;
  readonly positions: number | null;
  readonly isQuarantined: boolean;
  readonly quarantinedByRunId: string | null;
  readonly quarantinedByProtocol: string | null;
  readonly holder: Contender | null;
  readonly firstWaiter: (Contender & { readonly rankMs: number }) | null;
  readonly waiterCount: number;
}

/** Locks rows in the order of their ids, which every transaction does alike, so none can wait in a circle. */
export async function lockAssets(tx: Transaction, where: ReturnType<typeof sql>): Promise<readonly string[]> {
  const { rows } = await sql<{ id: string }>`select a.id from asset a where ${where} order by a.id for update`.execute(tx);
  return rows.map((row) => row.id);
}

/** To decide on, read after the lock: only a new statement sees what the holder of the lock before changed. */
export async function readContest(db: Database | Transaction, assetIds: readonly string[]): Promise<ContestedAsset[]> {
  if (assetIds.length === 0) return [];
  const { rows } = await sql<ContestedAsset>`
    select a.id, a.workcell_id as "workcellId", w.name as workcell, a.kind, a.name, a.type, a.mode, a.positions,
      a.quarantine_reason is not null as "isQuarantined",
      a.quarantined_by_run_id as "quarantinedByRunId", qr.protocol as "quarantinedByProtocol",
      case when hr.id is null then null else json_build_object('runId', hr.id, 'protocol', hr.protocol) end as holder,
      (select json_build_object('runId', wr.id, 'protocol', wr.protocol, 'rankMs', aw.rank_ms)
         from asset_wait aw join run wr on wr.id = aw.run_id
         where aw.asset_id = a.id order by aw.rank_ms, aw.run_id limit 1) as "firstWaiter",
      (select count(*) from asset_wait aw where aw.asset_id = a.id) as "waiterCount"
    from asset a
    join workcell w on w.id = a.workcell_id
    left join reservation r on r.asset_id = a.id
    left join run hr on hr.id = r.run_id
    left join run qr on qr.id = a.quarantined_by_run_id
    where a.id = any(${assetIds}::uuid[])
    order by a.name`.execute(db);
  return rows;
}

/** What stands between a run and its assets, by name; empty where they can be granted now. */
export function findBlockers(run: { id: string; rankMs: number }, assets: readonly ContestedAsset[]): WaitingFor[] {
  const blockers = assets.flatMap((asset) => findBlocker(run, asset) ?? []);
  return blockers.sort((a, b) => (a.asset < b.asset ? -1 : 1));
}

function findBlocker(run: { id: string; rankMs: number }, asset: ContestedAsset): WaitingFor | undefined {
  const { holder, firstWaiter } = asset;
  if (holder !== null && holder.runId !== run.id) {
    return { asset: asset.name, heldByRunId: holder.runId, heldByProtocol: holder.protocol, reason: 'held' };
  }
  if (asset.isQuarantined) {
    const [heldByRunId, heldByProtocol] = [asset.quarantinedByRunId ?? '', asset.quarantinedByProtocol ?? ''];
    return { asset: asset.name, heldByRunId, heldByProtocol, reason: 'quarantined' };
  }
  if (firstWaiter !== null && firstWaiter.runId !== run.id && comesBefore(firstWaiter, run)) {
    return { asset: asset.name, heldByRunId: firstWaiter.runId, heldByProtocol: firstWaiter.protocol, reason: 'wanted-earlier' };
  }
  return undefined;
}

function comesBefore(waiter: { rankMs: number; runId: string }, run: { rankMs: number; id: string }): boolean {
  return waiter.rankMs === run.rankMs ? waiter.runId < run.id : waiter.rankMs < run.rankMs;
}
