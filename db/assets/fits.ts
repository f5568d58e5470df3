// What an item must be to be given for an asset that a protocol declares, and what choosing it costs.

import { isFrontEnd } from '../../domain/catalogue/front-ends.js';
import type { AssetSpec } from '../../domain/protocols/protocol.js';
import type { ContestedAsset } from './asset-contest.js';

export function fits(spec: AssetSpec, asset: ContestedAsset): boolean {
  if (spec.kind !== asset.kind) return false;
  if (spec.kind === 'machine') return isFrontEnd(asset.type, spec.type);
  return spec.type === asset.type && (spec.positions === undefined || asset.positions === null || asset.positions === spec.positions);
}

/** Free and wanted by nobody costs nothing; then the shorter queue is better; quarantined is the last resort. */
export function toCost(asset: ContestedAsset): number {
  const QUARANTINE_COST = 1_000_000;
  return (asset.isQuarantined ? QUARANTINE_COST : 0) + (asset.holder === null ? 0 : 1) + asset.waiterCount;
}

/** `plate_9` before `plate_10`. */
export function compareText(a: string, b: string): number {
  return a.localeCompare(b, 'en', { numeric: true });
}
