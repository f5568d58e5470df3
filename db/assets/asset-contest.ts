// Who holds an asset and who waits for it, and the one rule that decides from this whether a run gets its
// assets: all are free, none is quarantined, and none is wanted by a run that comes earlier.

import { sql } from 'kysely';
import type { RunMode } from '../../domain/workcells/workcell-spec.js';
import type { WaitingFor } from '../../domain/runs/run.js';
import type { Database, Transaction } from '../connection/connect-database.js';

/** A queued run gains one step of priority in this time. */
const PRIORITY_STEP_MS = 3_600_000;

/**
 * Place in the queue; the lowest is served first. Since all waiting runs age alike, the order of
 * `priority + age` never changes, so one number tells it for ever.
 */
export function toRankMs(run: { priority: number; createdAtMs: number }): number {
  return run.createdAtMs - run.priority * PRIORITY_STEP_MS;
}

/** A run, or one of its sections. */
export interface Contender {
  readonly runId: string;
  /** Empty for the whole run. */
  readonly useId: string;
}

interface NamedContender extends Contender {
  readonly protocol: string;
}

interface Waiter extends NamedContender {
  readonly rankMs: number;
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
  /** Labware: the machine in which it stands now. */
  readonly standsIn: string | null;
  readonly isQuarantined: boolean;
  readonly quarantinedByRunId: string | null;
  readonly quarantinedByProtocol: string | null;
  readonly holder: NamedContender | null;
  readonly firstWaiter: Waiter | null;
  /** The first section among those who wait. */
  readonly firstSection: Waiter | null;
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
      coalesce(l.place, l.location) ->> 'machine' as "standsIn",
      a.quarantine_reason is not null as "isQuarantined",
      a.quarantined_by_run_id as "quarantinedByRunId", qr.protocol as "quarantinedByProtocol",
      case when hr.id is null then null else json_build_object('runId', hr.id, 'protocol', hr.protocol, 'useId', r.use_id) end as holder,
      ${selectFirstWaiter(sql`true`)} as "firstWaiter", ${selectFirstWaiter(sql`aw.use_id <> ''`)} as "firstSection",
      (select count(*) from asset_wait aw where aw.asset_id = a.id) as "waiterCount"
    from asset a
    join workcell w on w.id = a.workcell_id
    left join labware l on l.asset_id = a.id
    left join reservation r on r.asset_id = a.id
    left join run hr on hr.id = r.run_id
    left join run qr on qr.id = a.quarantined_by_run_id
    where a.id = any(${assetIds}::uuid[])
    order by a.name`.execute(db);
  return rows;
}

function selectFirstWaiter(isWanted: ReturnType<typeof sql>) {
  return sql`(select json_build_object('runId', wr.id, 'protocol', wr.protocol, 'useId', aw.use_id, 'rankMs', aw.rank_ms)
    from asset_wait aw join run wr on wr.id = aw.run_id
    where aw.asset_id = a.id and ${isWanted} order by aw.rank_ms, aw.run_id, aw.use_id limit 1)`;
}

/** What stands between a run or section and its assets, by name; empty where they can be granted now. */
export function findBlockers(wanter: Contender & { rankMs: number }, assets: readonly ContestedAsset[]): WaitingFor[] {
  const blockers = assets.flatMap((asset) => findBlocker(wanter, asset) ?? []);
  return blockers.sort((a, b) => (a.asset < b.asset ? -1 : 1));
}

function findBlocker(wanter: Contender & { rankMs: number }, asset: ContestedAsset): WaitingFor | undefined {
  const { holder } = asset;
  if (holder !== null && !isSame(holder, wanter)) {
    return { asset: asset.name, heldByRunId: holder.runId, heldByProtocol: holder.protocol, reason: 'held' };
  }
  if (asset.isQuarantined) {
    const [heldByRunId, heldByProtocol] = [asset.quarantinedByRunId ?? '', asset.quarantinedByProtocol ?? ''];
    return { asset: asset.name, heldByRunId, heldByProtocol, reason: 'quarantined' };
  }
  // A section is wanted by a run that holds assets already. Would it wait for a queued run, that one could be
  // waiting for these assets, and both would wait for ever.
  const first = wanter.useId === '' ? asset.firstWaiter : asset.firstSection;
  if (first !== null && !isSame(first, wanter) && comesBefore(first, wanter)) {
    return { asset: asset.name, heldByRunId: first.runId, heldByProtocol: first.protocol, reason: 'wanted-earlier' };
  }
  return undefined;
}

function isSame(one: Contender, other: Contender): boolean {
  return one.runId === other.runId && one.useId === other.useId;
}

function comesBefore(waiter: Waiter, wanter: Contender & { rankMs: number }): boolean {
  if (waiter.rankMs !== wanter.rankMs) return waiter.rankMs < wanter.rankMs;
  return waiter.runId === wanter.runId ? waiter.useId < wanter.useId : waiter.runId < wanter.runId;
}
