// Which items a run gets: those that the request names, held against what the protocol declares, and for
// the rest the best free ones. All items of a run stand in one workcell, and its machines share one mode.

import { LabError } from '../../domain/errors/error.js';
import { describeAsset, type AssetSpec } from '../../domain/protocols/protocol.js';
import type { RunMode } from '../../domain/workcells/workcell-spec.js';
import type { ContestedAsset } from './asset-contest.js';
import { compareText, fits, toCost } from './fits.js';
import { matchItems, type Equals, type MayTake } from './match-items.js';
import { isNamesake, isWithinReach } from './rank-asset.js';

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
type Bound = ReadonlyMap<string, ContestedAsset>;

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
  refuseEquals(best.findEquals());
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
  const bound = new Map<string, ContestedAsset>();
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

interface Filled {
  readonly bound: Bound;
  readonly cost: number;
  readonly missing?: string;
  /** Told only where the place is taken: other items that would fit as well. */
  readonly findEquals: () => readonly Equals[];
}

export interface Filling {
  readonly given: Bound;
  readonly candidates: readonly ContestedAsset[];
  readonly place: Pick<Place, 'mode'>;
  readonly mayTake?: MayTake;
}

/** Finds an item for each place that nothing is given for. */
export function fillPlace(specs: Specs, from: Filling): Filled {
  // Candidates are those of the place's workcell.
  const candidates = from.candidates.filter(({ mode }) => (mode ?? from.place.mode) === from.place.mode);
  const bound = new Map([...from.given, ...bindNamesakes(specs, { ...from, candidates })]);
  let cost = toCostOf([...bound].flatMap(([name, asset]) => (from.given.has(name) ? [] : [asset])));
  // Machines go first, because labware may have to stand in one of them. Demands for a number of positions come before
  // others, so that the first that is missing is the one that is hardest to fill.
  const findEquals: (() => readonly Equals[])[] = [];
  for (const kind of ['machine', 'labware'] as const) {
    const left = Object.entries(specs).filter(([name, spec]) => spec.kind === kind && !bound.has(name));
    left.sort(([, a], [, b]) => Number(isAnySize(a)) - Number(isAnySize(b)));
    const matched = matchItems({ specs, left, bound: [...bound.values()], candidates, mayTake: from.mayTake });
    for (const { parameter, asset } of matched.bound) {
      bound.set(parameter, asset);
      cost += toCost(asset);
    }
    if (matched.missing !== undefined) return { bound, cost, missing: matched.missing, findEquals: () => [] };
    findEquals.push(matched.findEquals);
  }
  return { bound, cost, findEquals: () => findEquals.flatMap((find) => find()) };
}

function isAnySize(spec: AssetSpec): boolean {
  return spec.kind === 'machine' || spec.positions === undefined;
}

/** Labware that is called exactly like its parameter, for all places before any is filled by something else. */
function bindNamesakes(specs: Specs, { given, candidates, mayTake = () => true }: Filling): Bound {
  const left = Object.entries(specs).filter(([name, { kind }]) => kind === 'labware' && !given.has(name));
  const taken = new Set([...given.values()].map(({ id }) => id));
  const namesakes = new Map<string, ContestedAsset>();
  for (const [parameter, spec] of left) {
    const wish = { parameter, specs, bound: [...given.values()], candidates };
    const named = candidates.filter(
      (item) =>
        !taken.has(item.id) && fits(spec, item) && mayTake(parameter, item) && isNamesake(parameter, item) && isWithinReach(wish, item),
    );
    const [item] = named;
    if (item === undefined || named.length > 1) continue;
    taken.add(item.id);
    namesakes.set(parameter, item);
  }
  return namesakes;
}

export function toCostOf(assets: readonly ContestedAsset[]): number {
  return assets.reduce((cost, asset) => cost + toCost(asset), 0);
}

/** Names every place that two items fit equally: which of them is meant only a person knows. */
function refuseEquals(equals: readonly Equals[]): void {
  const [first] = equals;
  if (first === undefined) return;
  const choices = equals.map(({ parameter, items }) => `'${parameter}' may be ${items.join(' or ')}`);
  throw new LabError('ASSET_AMBIGUOUS', {
    message: `${choices.join('; ')}: their names do not tell which is meant.`,
    field: `assets.${first.parameter}`,
    remedy: `Say it, for example: ${equals.map(({ parameter, items }) => `--asset ${parameter}=${items[0] ?? ''}`).join(' ')}`,
  });
}

function toUnavailable(specs: Specs, parameter: string): LabError {
  const spec = specs[parameter];
  const wanted = spec === undefined ? 'a fitting item' : describeAsset(spec).replace(/^an? /u, '');
  return new LabError('ASSET_UNAVAILABLE', {
    message: `There is no ${wanted} for '${parameter}' beside the other items of this run.`,
    field: `assets.${parameter}`,
  });
}
