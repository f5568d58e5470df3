// Which of several possible items is meant where a request names none: what is called like the parameter, stands where the run
// can use it, and is no more than wanted. Names come before places but where a run cannot reach the item at all.

import { isFrontEnd } from '../../domain/catalogue/front-ends.js';
import type { AssetSpec } from '../../domain/protocols/protocol.js';
import type { ContestedAsset } from './asset-contest.js';
import { compareNames, isNamedByKind, NEARNESS } from './name-match.js';

/** Front ends that carry labware from place to place. */
const CARRIERS = ['LiquidHandler', 'ExperimentalSCARA'] as const;

/** Each outweighs all that come after it. A HeaterShaker serves as a Shaker, but a lab that has both wants its heater free. */
const QUARANTINED = 512;
const OUT_OF_REACH = 256;
const MISPLACED = 64;
const PER_STEP_OF_NAME = 8;
/** `source_1` is not meant where neither it nor `plate_1` is called like the parameter. */
const SAYS_SOMETHING_ELSE = 4;
const STANDS_IN_THE_WAY = 2;
const MORE_THAN_WANTED = 1;

export interface Wish {
  readonly parameter: string;
  readonly specs: Readonly<Record<string, AssetSpec>>;
  /** Items that the run has already. */
  readonly bound: readonly ContestedAsset[];
  /** All items in question, which tell whether a machine has labware in it. */
  readonly candidates: readonly ContestedAsset[];
}

/** 0 for an item that is meant; more for others. Two that are equal cannot be told apart by anything but who is free. */
export function rateCandidate(wish: Wish, item: ContestedAsset): number {
  const nearness = compareNames(wish.parameter, item.name);
  const isMore = item.type !== wish.specs[wish.parameter]?.type;
  return (
    (item.isQuarantined ? QUARANTINED : 0) +
    ratePlace(wish, item, nearness <= NEARNESS.numbered) +
    nearness * PER_STEP_OF_NAME +
    (nearness === NEARNESS.other && !isNamedByKind(item) ? SAYS_SOMETHING_ELSE : 0) +
    (isMore ? MORE_THAN_WANTED : 0)
  );
}

export function isNamesake(parameter: string, item: ContestedAsset): boolean {
  return compareNames(parameter, item.name) === NEARNESS.exact;
}

/** Whether the run can use the labware at all: it carries labware itself, or the item stands in a machine that it may get. */
export function isWithinReach(wish: Wish, item: ContestedAsset): boolean {
  return canCarry(wish) || wish.candidates.some(({ kind, name }) => kind === 'machine' && name === item.standsIn);
}

/** Whether the item may be given for the parameter though another seemed to be meant: any machine that is called like it, and labware of no other name. */
export function mayStandIn(parameter: string, item: ContestedAsset, meant: ContestedAsset): boolean {
  const [one, other] = [item, meant].map(({ name }) => compareNames(parameter, name));
  if (one === undefined || other === undefined) return false;
  return one <= other || (item.kind === 'machine' && one <= NEARNESS.whole);
}

/** Without a machine that carries labware, a plate must stand in a machine of the run already; with one, machines should be empty. */
function ratePlace({ specs, bound, candidates }: Wish, item: ContestedAsset, isMeant: boolean): number {
  if (canCarry({ specs })) {
    const isInTheWay = item.kind === 'machine' ? candidates.some(({ standsIn }) => standsIn === item.name) : item.standsIn !== null;
    return isInTheWay ? (isMeant ? STANDS_IN_THE_WAY : MISPLACED) : 0;
  }
  if (item.kind === 'labware') return bound.some(({ kind, name }) => kind === 'machine' && name === item.standsIn) ? 0 : OUT_OF_REACH;
  if (!Object.values(specs).some(({ kind }) => kind === 'labware')) return 0;
  // What is known of the run's labware tells the machine that it stands in.
  const known = bound.filter(({ kind }) => kind === 'labware');
  return (known.length > 0 ? known : candidates).some(({ standsIn }) => standsIn === item.name) ? 0 : OUT_OF_REACH;
}

/** False where labware stands in no machine of the run and nothing could carry it there. */
export function isWorkable(specs: Wish['specs'], bound: readonly ContestedAsset[]): boolean {
  if (canCarry({ specs })) return true;
  const machines = bound.filter(({ kind }) => kind === 'machine').map(({ name }) => name);
  return bound.every(({ kind, standsIn }) => kind === 'machine' || (standsIn !== null && machines.includes(standsIn)));
}

function canCarry({ specs }: Pick<Wish, 'specs'>): boolean {
  return Object.values(specs).some(({ kind, type }) => kind === 'machine' && CARRIERS.some((carrier) => isFrontEnd(type, carrier)));
}
