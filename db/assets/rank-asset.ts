// Which of several possible items is meant where a request names none: labware that stands where the run can use it,
// then what is called like the parameter, then what is no more than wanted.

import { isFrontEnd } from '../../domain/catalogue/front-ends.js';
import type { AssetSpec } from '../../domain/protocols/protocol.js';
import type { ContestedAsset } from './asset-contest.js';

/** Front ends that carry labware from place to place. */
const CARRIERS = ['LiquidHandler', 'ExperimentalSCARA'] as const;
const MISPLACED = 4;
const OTHERWISE_NAMED = 2;
/** A HeaterShaker serves as a Shaker, but a lab that has both wants its heater free. */
const MORE_THAN_WANTED = 1;

export interface Wish {
  readonly parameter: string;
  readonly specs: Readonly<Record<string, AssetSpec>>;
  /** Items that the run has already. */
  readonly bound: readonly ContestedAsset[];
  /** All items in question, which tell whether a machine has labware in it. */
  readonly candidates: readonly ContestedAsset[];
}

/** 0 for an item that seems to be meant; more for others. */
export function rateCandidate(wish: Wish, item: ContestedAsset): number {
  const isMore = item.type !== wish.specs[wish.parameter]?.type;
  return (
    (isMisplaced(wish, item) ? MISPLACED : 0) +
    (isNamedLike(wish.parameter, item.name) ? 0 : OTHERWISE_NAMED) +
    (isMore ? MORE_THAN_WANTED : 0)
  );
}

/** `plate2` is like `plate_7`, `largeTips1` like `large_tips_2`. */
export function isNamedLike(parameter: string, name: string): boolean {
  const wanted = parameter
    .replace(/\d+$/u, '')
    .replace(/[^A-Za-z]/gu, '')
    .toLowerCase();
  return (
    wanted !== '' &&
    name
      .replace(/[^A-Za-z]/gu, '')
      .toLowerCase()
      .startsWith(wanted)
  );
}

/** Without a machine that carries labware, a plate must stand in a machine of the run already; with one, machines should be empty. */
function isMisplaced({ specs, bound, candidates }: Wish, item: ContestedAsset): boolean {
  const canCarry = Object.values(specs).some(
    ({ kind, type }) => kind === 'machine' && CARRIERS.some((carrier) => isFrontEnd(type, carrier)),
  );
  if (item.kind === 'machine') {
    const isOccupied = candidates.some(({ standsIn }) => standsIn === item.name);
    return isOccupied === canCarry;
  }
  return canCarry ? item.standsIn !== null : !bound.some(({ kind, name }) => kind === 'machine' && name === item.standsIn);
}
