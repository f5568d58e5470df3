// Which items the places that a request leaves open get, all together: the best whole match by name and place, and of items of
// one series the free ones. Says where another match would have been as good.

import type { AssetSpec } from '../../domain/protocols/protocol.js';
import type { ContestedAsset } from './asset-contest.js';
import { addWeights, assignItems } from './assign-items.js';
import { compareText, fits, toCost } from './fits.js';
import { toSeries } from './name-match.js';
import { rateCandidate } from './rank-asset.js';

/** A place that several items of different names fit equally. */
export interface Equals {
  readonly parameter: string;
  readonly items: readonly string[];
}

interface Matching {
  readonly specs: Readonly<Record<string, AssetSpec>>;
  /** Places to fill, hardest first. */
  readonly left: readonly (readonly [string, AssetSpec])[];
  readonly bound: readonly ContestedAsset[];
  readonly candidates: readonly ContestedAsset[];
  readonly mayTake?: MayTake | undefined;
}

/** Narrows what fits a place down to what may be given for it now. */
export type MayTake = (parameter: string, item: ContestedAsset) => boolean;

export interface Matched {
  readonly bound: readonly { readonly parameter: string; readonly asset: ContestedAsset }[];
  readonly missing?: string;
  readonly findEquals: () => readonly Equals[];
}

/** A queue counts up to here; longer ones are equally bad. */
const COST_MAX = 400;
/** Of a rating and of a cost: more than those of all places together, so that the one before decides. */
const RATING_UNIT = 2 ** 30;
const COST_UNIT = 2 ** 16;

export function matchItems({ specs, left, bound, candidates, mayTake = () => true }: Matching): Matched {
  if (left.length === 0) return { bound: [], findEquals: () => [] };
  const taken = new Set(bound.map(({ id }) => id));
  const items = candidates.filter(({ id }) => !taken.has(id)).sort((a, b) => compareText(a.name, b.name));
  const ratings = left.map(([parameter, spec]) => {
    const wish = { parameter, specs, bound, candidates };
    return items.map((item) => (fits(spec, item) && mayTake(parameter, item) ? rateCandidate(wish, item) : Infinity));
  });
  // The item that seems to be meant comes before one that is free: a run rather waits than fills the wrong plate.
  const weights = ratings.map((row) =>
    row.map((rating, k) => rating * RATING_UNIT + Math.min(COST_MAX, items[k] ? toCost(items[k]) : 0) * COST_UNIT + k),
  );
  const match = assignItems(weights);
  const chosen = match.columns.flatMap((column, row) => {
    const [place, asset] = [left[row], items[column]];
    return place && asset ? [{ parameter: place[0], asset }] : [];
  });
  const missing = match.missing === undefined ? undefined : left[match.missing]?.[0];
  if (missing !== undefined) return { bound: chosen, missing, findEquals: () => [] };
  return { bound: chosen, findEquals: () => findEquals({ items, ratings, chosen, best: addWeights(ratings, match) }) };
}

/** For each place: a match as good that gives it an item of another series. */
function findEquals(of: {
  readonly items: readonly ContestedAsset[];
  readonly ratings: readonly (readonly number[])[];
  readonly chosen: Matched['bound'];
  readonly best: number;
}): readonly Equals[] {
  const { items, ratings, chosen, best } = of;
  const series = items.map(({ name }) => toSeries(name));
  return chosen.flatMap(({ parameter, asset }, row) => {
    const own = toSeries(asset.name);
    const others = ratings.map((rated, k) =>
      k === row ? rated.map((rating, column) => (series[column] === own ? Infinity : rating)) : rated,
    );
    const match = assignItems(others);
    const other = match.columns[row] === undefined ? undefined : items[match.columns[row]];
    if (match.missing !== undefined || other === undefined || addWeights(ratings, match) > best) return [];
    return [{ parameter, items: [asset.name, other.name] }];
  });
}
