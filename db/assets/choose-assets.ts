// Which items a run gets: those that the request names, held against what the protocol declares, and for
// the rest the best free ones. All items of a run stand in one workcell, and its machines share one mode.

import { isFrontEnd } from '../../domain/catalogue/front-ends.js';
import { LabError } from '../../domain/errors/error.js';
import { describeAsset, type AssetSpec } from '../../domain/protocols/protocol.js';
import type { RunMode } from '../../domain/workcells/workcell-spec.js';
import type { ContestedAsset } from './asset-contest.js';
import { rateCandidate, type Wish } from './rank-asset.js';

export interface Choice {
  readonly workcellId: string | null;
  readonly workcell: string;
  readonly mode: RunMode;
  /** 0 where all that was chosen is free and wanted by nobody. */
  readonly cost: number;
  /** In the order in which the protocol declares them. */
  readonly bound: readonly { readonly parameter: string; readonly asset: ContestedAsset }[];
}

type Specs = Readonly<Record<string, AssetSpec>>;
type Bound = Map<string, ContestedAsset>;

/** Throws UNKNOWN_ASSET for a name that the protocol does not declare. */
export function refuseUndeclared(specs: Specs, requested: Readonly<Record<string, string>>): void {
  const unknown = Object.keys(requested).find((name) => !Object.hasOwn(specs, name));
  if (unknown === undefined) return;
  throw new LabError('UNKNOWN_ASSET', {
    message: `'${unknown}' is not an asset of this protocol; it has: ${Object.keys(specs).join(', ') || 'none'}.`,
    field: `assets.${unknown}`,
  });
}

/** `candidates` are all items named by the request and all of the kinds that were left out. Of workcells that are equally good `turn` picks one. */
export function chooseAssets(
  specs: Specs,
  requested: Readonly<Record<string, string>>,
  candidates: readonly ContestedAsset[],
  turn = 0,
): Choice {
  const given = bindGiven(specs, requested, candidates);
  const places = listPlaces([...given.values()], candidates);
  const inWorkcell = new Map<string, ContestedAsset[]>(candidates.map(({ workcellId }) => [workcellId, []]));
  for (const candidate of candidates) inWorkcell.get(candidate.workcellId)?.push(candidate);
  const filled = places.map((place) => ({
    place,
    ...fillPlace(specs, { given, candidates: inWorkcell.get(place.workcellId ?? '') ?? [], place }),
  }));
  const complete = filled.filter((choice) => choice.missing === undefined);
  // A real machine never moves because the simulated one is busy: simulation first, then the shortest queue.
  complete.sort((a, b) => Number(a.place.mode === 'hardware') - Number(b.place.mode === 'hardware') || a.cost - b.cost);
  const equals = complete.filter(({ place, cost }) => place.mode === complete[0]?.place.mode && cost === complete[0]?.cost);
  const best = equals[turn % equals.length];
  if (best === undefined) throw toUnavailable(specs, filled[0]?.missing ?? Object.keys(specs).find((name) => !given.has(name)) ?? '');
  return {
    workcellId: best.place.workcellId,
    workcell: best.place.workcell,
    mode: best.place.mode,
    cost: best.cost,
    bound: Object.keys(specs).flatMap((parameter) => {
      const asset = best.bound.get(parameter);
      return asset === undefined ? [] : [{ parameter, asset }];
    }),
  };
}

function bindGiven(specs: Specs, requested: Readonly<Record<string, string>>, candidates: readonly ContestedAsset[]): Bound {
  const bound: Bound = new Map();
  for (const [parameter, nameOrId] of Object.entries(requested)) {
    const spec = specs[parameter];
    const field = `assets.${parameter}`;
    const asset = candidates.find((item) => item.name === nameOrId) ?? candidates.find((item) => item.id === nameOrId.toLowerCase());
    if (spec === undefined || asset === undefined) {
      throw new LabError('UNKNOWN_ASSET', { message: `There is no machine or labware '${nameOrId}'.`, field });
    }
    const mismatch = findMismatch({ parameter, spec, asset }, bound);
    if (mismatch !== undefined) throw new LabError('ASSET_MISMATCH', { message: mismatch, field });
    bound.set(parameter, asset);
  }
  return bound;
}

function findMismatch(wanted: { parameter: string; spec: AssetSpec; asset: ContestedAsset }, bound: Bound): string | undefined {
  const { parameter, spec, asset } = wanted;
  if (!fits(spec, asset)) return `'${parameter}' must be ${describeAsset(spec)}, but ${describeItem(asset)}.`;
  for (const [other, item] of bound) {
    if (item.id === asset.id) return `${asset.name} is already given for '${other}'; one item cannot be both.`;
    if (item.workcellId !== asset.workcellId) {
      return `${asset.name} stands in workcell ${asset.workcell}, but ${item.name} in ${item.workcell}; a run uses one workcell.`;
    }
    if (item.mode !== null && asset.mode !== null && item.mode !== asset.mode) {
      return `${asset.name} is a ${asset.mode} machine, but ${item.name} a ${item.mode} one; a run uses one mode.`;
    }
  }
  return undefined;
}

function fits(spec: AssetSpec, asset: ContestedAsset): boolean {
  if (spec.kind !== asset.kind) return false;
  if (spec.kind === 'machine') return isFrontEnd(asset.type, spec.type);
  return spec.type === asset.type && (spec.positions === undefined || asset.positions === null || asset.positions === spec.positions);
}

function describeItem(asset: ContestedAsset): string {
  const noun = asset.type.replace('_', ' ');
  return asset.positions === null ? `${asset.name} is a ${noun}` : `${asset.name} is a ${noun} with ${asset.positions} positions`;
}

interface Place {
  readonly workcellId: string | null;
  readonly workcell: string;
  readonly mode: RunMode;
}

/** Every workcell and mode that the given items still allow, by name of the workcell. */
function listPlaces(given: readonly ContestedAsset[], candidates: readonly ContestedAsset[]): Place[] {
  const workcells = new Map<string, string>();
  for (const { workcellId, workcell } of given.length > 0 ? given : candidates) workcells.set(workcellId, workcell);
  const givenMode = given.find((item) => item.mode !== null)?.mode ?? undefined;
  const modes: readonly RunMode[] = givenMode === undefined ? ['simulation', 'hardware'] : [givenMode];
  if (workcells.size === 0) return [{ workcellId: null, workcell: '', mode: 'simulation' }];
  const named = [...workcells].sort(([, a], [, b]) => compareText(a, b));
  return named.flatMap(([workcellId, workcell]) => modes.map((mode) => ({ workcellId, workcell, mode })));
}

function fillPlace(
  specs: Specs,
  from: { given: Bound; candidates: readonly ContestedAsset[]; place: Place },
): { bound: Bound; cost: number; missing?: string } {
  // Candidates are those of the place's workcell.
  const { given, candidates, place } = from;
  const bound = new Map(given);
  let cost = 0;
  // Machines go first, because labware may have to stand in one of them. Demands for a number of positions come before
  // others, so that a demand for any plate does not take the only fitting one.
  const left = Object.entries(specs).filter(([name]) => !given.has(name));
  left.sort(([, a], [, b]) => toTurn(a) - toTurn(b));
  for (const [parameter, spec] of left) {
    const taken = new Set([...bound.values()].map((item) => item.id));
    const possible = candidates.filter((item) => !taken.has(item.id) && (item.mode ?? place.mode) === place.mode && fits(spec, item));
    const best = rank(possible, { parameter, specs, bound: [...bound.values()], candidates })[0];
    if (best === undefined) return { bound, cost, missing: parameter };
    bound.set(parameter, best);
    cost += toCost(best);
  }
  return { bound, cost };
}

/** The item that seems to be meant comes before one that is free: a run rather waits than fills the wrong plate. */
function rank(possible: readonly ContestedAsset[], wish: Wish): readonly ContestedAsset[] {
  const isDown = (item: ContestedAsset): number => Number(item.isQuarantined);
  const compare = (a: ContestedAsset, b: ContestedAsset): number =>
    isDown(a) - isDown(b) || rateCandidate(wish, a) - rateCandidate(wish, b) || toCost(a) - toCost(b) || compareText(a.name, b.name);
  return [...possible].sort(compare);
}

function toTurn(spec: AssetSpec): number {
  if (spec.kind === 'machine') return 0;
  return spec.positions === undefined ? 2 : 1;
}

export function toCostOf(assets: readonly ContestedAsset[]): number {
  return assets.reduce((cost, asset) => cost + toCost(asset), 0);
}

/** Free and wanted by nobody costs nothing; then the shorter queue is better; quarantined is the last resort. */
function toCost(asset: ContestedAsset): number {
  const QUARANTINE_COST = 1_000_000;
  return (asset.isQuarantined ? QUARANTINE_COST : 0) + (asset.holder === null ? 0 : 1) + asset.waiterCount;
}

function toUnavailable(specs: Specs, parameter: string): LabError {
  const spec = specs[parameter];
  const wanted = spec === undefined ? 'a fitting item' : describeAsset(spec).replace(/^an? /u, '');
  return new LabError('ASSET_UNAVAILABLE', {
    message: `There is no ${wanted} for '${parameter}' beside the other items of this run.`,
    field: `assets.${parameter}`,
  });
}

/** `plate_9` before `plate_10`. */
function compareText(a: string, b: string): number {
  return a.localeCompare(b, 'en', { numeric: true });
}
