// Finds the items of a run in a lab of many workcells: looks at a few workcells at a time and stops at the first where
// nothing can be better, and locks what was chosen and nothing else.

import { sql, type RawBuilder } from 'kysely';
import { listStandIns } from '../../domain/catalogue/front-ends.js';
import { LabError } from '../../domain/errors/error.js';
import type { PublishedProtocol } from '../../domain/protocols/protocol.js';
import type { Database, Transaction } from '../connection/connect-database.js';
import { isUuid, toText } from '../connection/postgres-text.js';
import { lockAssets, readContest } from './asset-contest.js';
import { chooseAssets, toCostOf, type Choice } from './choose-assets.js';

/** Workcells looked at first; a lab with fewer takes one look. Each further look takes so many times more. */
const FIRST_LOOK_WORKCELLS = 16;
const LOOK_GROWTH = 4;

export interface AssetWish {
  readonly definition: Pick<PublishedProtocol, 'assets'>;
  readonly requestedAssets: Readonly<Record<string, string>>;
  /** Which of equally good workcells is taken; left out, the first by name. Starts at the same moment take different ones. */
  readonly turn?: number;
}

/** Throws what refuses a start: UNKNOWN_ASSET, ASSET_MISMATCH, ASSET_UNAVAILABLE. Nothing is locked. */
export async function findChoice(db: Database | Transaction, wish: AssetWish): Promise<Choice> {
  let best: Choice | undefined;
  let missing: LabError | undefined;
  let after: Place | undefined;
  // What is named decides the workcell.
  const isOneLook = Object.keys(wish.requestedAssets).length > 0;
  for (let limit = FIRST_LOOK_WORKCELLS; ; limit *= LOOK_GROWTH) {
    const { assetIds, places } = await listCandidates(db, wish, { after, limit });
    try {
      const found = chooseAssets(wish.definition.assets, wish.requestedAssets, await readContest(db, assetIds), wish.turn);
      if (best === undefined || isBetter(found, best)) best = found;
    } catch (error) {
      // Another workcell may have what is missing in these.
      if (!(error instanceof LabError) || error.code !== 'ASSET_UNAVAILABLE') throw error;
      missing ??= error;
    }
    after = places.at(-1);
    const isBest = best?.cost === 0 && (best.mode === 'simulation' || after?.canSimulate === false);
    if (isOneLook || places.length < limit || isBest) break;
  }
  if (best !== undefined) return best;
  throw missing ?? new LabError('ASSET_UNAVAILABLE');
}

/** A real machine never moves because the simulated one is busy. */
function isBetter(one: Choice, other: Choice): boolean {
  return one.mode === other.mode ? one.cost < other.cost : one.mode === 'simulation';
}

/**
 * Locks the items of a choice. Undefined where somebody else was faster and other items are better now, which can be locked in
 * the order of all locks only by a transaction that holds none; the last try is content with what it has.
 */
export async function claimChoice(tx: Transaction, wish: AssetWish, isLastTry: boolean): Promise<Choice | undefined> {
  const chosen = await findChoice(tx, wish);
  const ids = chosen.bound.map(({ asset }) => asset.id);
  const locked = await lockAssets(tx, sql`a.removed_at is null and a.id = any(${ids}::uuid[])`);
  if (locked.length < ids.length) return undefined;
  const current = new Map((await readContest(tx, locked)).map((asset) => [asset.id, asset]));
  const bound = chosen.bound.flatMap(({ parameter, asset }) => {
    const now = current.get(asset.id);
    return now === undefined ? [] : [{ parameter, asset: now }];
  });
  const picked = bound.filter(({ parameter }) => !Object.hasOwn(wish.requestedAssets, parameter));
  const cost = toCostOf(picked.map(({ asset }) => asset));
  if (isLastTry || cost <= chosen.cost) return { ...chosen, bound, cost };
  const again = await findChoice(tx, wish);
  return again.bound.every(({ asset }) => current.has(asset.id)) ? again : undefined;
}

/** A workcell in the order in which they are looked at: where simulated runs are possible first, then by name, `star_9` before `star_10`. */
interface Place {
  readonly canSimulate: boolean;
  readonly name: string;
}

interface Candidates {
  readonly assetIds: readonly string[];
  readonly places: readonly Place[];
}

/** Items that the request names, and all in the next workcells that could stand for what it leaves out. */
async function listCandidates(
  db: Database | Transaction,
  wish: AssetWish,
  look: { after: Place | undefined; limit: number },
): Promise<Candidates> {
  const { after, limit } = look;
  const given = Object.values(wish.requestedAssets);
  const isGiven = sql`(a.name = any(${given.map(toText)}::text[]) or a.id = any(${given.filter(isUuid)}::uuid[]))`;
  const isNext =
    after === undefined
      ? sql`true`
      : sql`(not can_simulate, length(name), name) > (${!after.canSimulate}::boolean, length(${after.name}), ${after.name})`;
  const { rows } = await sql<{ canSimulate: boolean; name: string; assetIds: string[] }>`
    with candidate as (
      select a.id, a.workcell_id, a.kind = 'machine' and a.mode = 'simulation' as is_simulated from asset a
      where a.removed_at is null and (${isGiven} or (${isOpen(wish)} and ${given.length === 0 ? sql`true` : sql`a.workcell_id in (select a.workcell_id from asset a where ${isGiven})`}))),
    place as (
      select w.name, coalesce(bool_or(c.is_simulated), false) as can_simulate, array_agg(c.id) as ids
      from candidate c join workcell w on w.id = c.workcell_id group by w.id)
    select can_simulate as "canSimulate", name, ids as "assetIds" from place where ${isNext}
    order by not can_simulate, length(name), name limit ${given.length === 0 ? limit : null}::bigint`.execute(db);
  return { assetIds: rows.flatMap(({ assetIds }) => assetIds), places: rows };
}

/** Of a kind that the request leaves out. */
export function isOpen({ definition, requestedAssets }: AssetWish): RawBuilder<boolean> {
  const open = Object.entries(definition.assets)
    .filter(([name]) => !Object.hasOwn(requestedAssets, name))
    .flatMap(([, { kind, type }]) => (kind === 'machine' ? listStandIns(type) : [type]).map((accepted) => ({ kind, type: accepted })));
  return sql`(a.kind, a.type) in (select * from unnest(${open.map(({ kind }) => kind)}::text[], ${open.map(({ type }) => type)}::text[]))`;
}
