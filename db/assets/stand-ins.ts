// What a queued run may get in the place of items that nobody has named and that it waits for in vain: a machine that is called
// as much like its place, labware of the same series, all in the workcell of the run and free for it now.

import { sql } from 'kysely';
import type { RunMode } from '../../domain/workcells/workcell-spec.js';
import type { Database } from '../connection/connect-database.js';
import { findDeclaredAssets } from '../protocols/definition.queries.js';
import { findBlockers, readContest, type ContestedAsset } from './asset-contest.js';
import { fillPlace } from './choose-assets.js';
import { isOpen } from './find-choice.js';
import { isWorkable, mayStandIn } from './rank-asset.js';

export interface Rebinding {
  readonly parameter: string;
  readonly asset: ContestedAsset;
}

/** Other items with which the run could be granted all that it wants; undefined where there are none. Nothing is locked. */
export async function findStandIns(db: Database, run: { runId: string; rankMs: number }): Promise<readonly Rebinding[] | undefined> {
  const { runId } = run;
  const { rows } = await sql<{ parameter: string; assetId: string; workcellId: string; mode: RunMode; isOpen: boolean }>`
    select ra.parameter, ra.asset_id as "assetId", r.workcell_id as "workcellId", r.mode, not ra.is_named and ra.hold = 'perRun' as "isOpen"
    from run r join run_asset ra on ra.run_id = r.id where r.id = ${runId}::uuid order by ra.ordinal`.execute(db);
  const [first] = rows;
  if (first === undefined || !rows.some((row) => row.isOpen)) return undefined;
  const specs = await findDeclaredAssets(db, runId);
  const fixed = Object.fromEntries(rows.filter((row) => !row.isOpen).map(({ parameter, assetId }) => [parameter, assetId]));
  const { rows: found } = await sql<{ id: string }>`
    select a.id from asset a where a.removed_at is null and a.workcell_id = ${first.workcellId}::uuid
      and (a.id = any(${rows.map(({ assetId }) => assetId)}::uuid[]) or ${isOpen({ definition: { assets: specs }, requestedAssets: fixed })})`.execute(
    db,
  );
  const candidates = await readContest(
    db,
    found.map(({ id }) => id),
  );
  const byId = new Map(candidates.map((asset) => [asset.id, asset]));
  const meant = new Map(rows.flatMap(({ parameter, assetId }) => toPairs(parameter, byId.get(assetId))));
  const given = new Map(Object.entries(fixed).flatMap(([parameter, assetId]) => toPairs(parameter, byId.get(assetId))));
  const isFree = (asset: ContestedAsset): boolean => findBlockers({ ...run, useId: '' }, [asset]).length === 0;
  const mayTake = (parameter: string, item: ContestedAsset): boolean => {
    const wanted = meant.get(parameter);
    return wanted !== undefined && isFree(item) && mayStandIn(parameter, item, wanted);
  };
  const filled = fillPlace(specs, { given, candidates, place: { mode: first.mode }, mayTake });
  if (filled.missing !== undefined) return undefined;
  const isAsGood = isWorkable(specs, [...filled.bound.values()]) || !isWorkable(specs, [...meant.values()]);
  const changed = [...filled.bound].flatMap(([parameter, asset]) => (meant.get(parameter)?.id === asset.id ? [] : [{ parameter, asset }]));
  return isAsGood && changed.length > 0 ? changed : undefined;
}

function toPairs(parameter: string, asset: ContestedAsset | undefined): [string, ContestedAsset][] {
  return asset === undefined ? [] : [[parameter, asset]];
}
