// Fresh labware in the place of used: whether an item may be replaced, the messages between API and workcell
// worker about it, and what a run that was ended from outside left used.

import { sql } from 'kysely';
import { isErrorCode, LabError, type ErrorCode } from '../../domain/error.js';
import type { JsonObject } from '../../domain/json.js';
import type { Database, Transaction } from '../connect-database.js';
import { isUuid, toText } from '../postgres-text.js';
import { lockAssets } from './asset-contest.js';

/** Postgres carries at most 8,000 bytes in a notification. */
const REFUSAL_LIMIT_CHARACTERS = 1_000;

export interface ReplaceableItem {
  readonly id: string;
  readonly name: string;
  readonly workcell: string;
}

/** The item where no run holds it; LABWARE_ITEM_NOT_FOUND or ASSET_IN_USE otherwise. */
export async function requireReplaceable(db: Database | Transaction, nameOrId: string): Promise<ReplaceableItem> {
  const { rows } = await sql<ReplaceableItem & { runId: string | null; protocol: string | null }>`
    select a.id, a.name, w.name as workcell, r.run_id as "runId", run.protocol
    from asset a join workcell w on w.id = a.workcell_id
    left join reservation r on r.asset_id = a.id left join run on run.id = r.run_id
    where a.kind = 'labware' and a.removed_at is null and (a.id::text = ${toText(nameOrId)} or a.name = ${toText(nameOrId)})
    order by a.name limit 1`.execute(db);
  const item = rows[0];
  if (item === undefined) throw new LabError('LABWARE_ITEM_NOT_FOUND', { message: `There is no labware item '${nameOrId}'.`, field: 'name' });
  const { id, name, workcell, runId, protocol } = item;
  if (runId === null) return { id, name, workcell };
  throw new LabError('ASSET_IN_USE', { message: `${name} is held by run ${runId} (${protocol ?? 'unknown protocol'}).`, field: 'name' });
}

/** Does the work while no run can claim the item; refuses as requireReplaceable does, with nothing done. */
export async function withReplaceable<T>(db: Database, name: string, work: (tx: Transaction) => Promise<T>): Promise<T> {
  return await db.transaction().execute(async (tx) => {
    // Claims lock the same row, so a run is granted the item before the check or after the work.
    await lockAssets(tx, sql`a.kind = 'labware' and a.name = ${toText(name)}`);
    await requireReplaceable(tx, name);
    return await work(tx);
  });
}

/**
 * Highest fence that a run was granted with the deck's machine; 0 before the first. Never a new one: a run
 * with other labware may be at work there, and its commands must not be superseded.
 */
export async function readDeckFence(db: Database | Transaction, workcell: string): Promise<number> {
  const { rows } = await sql<{ fence: number }>`
    select greatest(coalesce(max(run.fence), 0), coalesce(max(deck.section_fence), 0)) as fence
    from asset deck left join run_asset ra on ra.asset_id = deck.id left join run on run.id = ra.run_id
    where deck.id = (select a.id from asset a join workcell w on w.id = a.workcell_id
      where w.name = ${toText(workcell)} and a.kind = 'machine' and a.type = 'LiquidHandler' and a.removed_at is null
      order by a.ordinal limit 1)`.execute(db);
  return rows[0]?.fence ?? 0;
}

export interface ReplacementRequest {
  readonly requestId: string;
  readonly workcell: string;
  readonly labware: string;
  /** The person who put the item in place; told with the event. */
  readonly requestedBy?: string;
}

/** Tells the workcell's worker, if it is there. Returns the position in history after which its event comes. */
export async function askForReplacement(db: Database, request: ReplacementRequest): Promise<number> {
  const { requestId, requestedBy } = request;
  if (requestedBy !== undefined) await noteRequester(db, requestId, requestedBy);
  const { rows } = await sql<{ pos: number }>`
    select coalesce((select max(pos) from event), 0) as pos, pg_notify('praxis_replace', ${JSON.stringify(request)})`.execute(db);
  return rows[0]?.pos ?? 0;
}

/** Told with the event of the replacement; the bridge knows the request by its id alone. */
export async function noteRequester(db: Database, requestId: string, requestedBy: string): Promise<void> {
  await sql`insert into replacement_request (id, requested_by) values (${toText(requestId)}, ${toText(requestedBy)}) on conflict do nothing`.execute(db);
}

export function readReplacementRequest(payload: string): ReplacementRequest {
  // Written by askForReplacement; nobody else uses the channel.
  return JSON.parse(payload) as ReplacementRequest;
}

export interface ReplacementRefusal {
  readonly requestId: string;
  readonly code: string;
  readonly message: string;
}

/** Only a refusal is told this way: what was done stands in history, which is there even if a message is lost. */
export async function refuseReplacement(db: Database, requestId: string, error: LabError): Promise<void> {
  const refusal: ReplacementRefusal = { requestId, code: error.code, message: error.message.slice(0, REFUSAL_LIMIT_CHARACTERS) };
  await sql`select pg_notify('praxis_replace_refused', ${toText(JSON.stringify(refusal))})`.execute(db);
}

export function readReplacementRefusal(payload: string): { requestId: string; error: LabError } {
  const { requestId, code, message } = JSON.parse(payload) as ReplacementRefusal;
  const known: ErrorCode = isErrorCode(code) ? code : 'INTERNAL';
  return { requestId, error: new LabError(known, { message }) };
}

/** The event of a request, if it has come. */
export async function findReplacement(db: Database, request: { requestId: string; afterPos: number }): Promise<readonly JsonObject[]> {
  const { rows } = await sql<{ data: JsonObject }>`
    select data from event where type = 'labware.replaced' and pos > ${request.afterPos} order by pos`.execute(db);
  return rows.map((row) => row.data).filter((data) => data['requestId'] === request.requestId);
}

export interface UsedConsumables {
  readonly runId: string;
  readonly fence: number;
  readonly labware: readonly string[];
}

/**
 * Simulated consumables that an ended run of the workcell has used: of the run, or of the newest one where
 * none is named. Undefined where that run goes on, never had its assets, or had no such labware.
 */
export async function findUsedConsumables(db: Database, workcell: string, runId?: string): Promise<UsedConsumables | undefined> {
  if (runId !== undefined && !isUuid(runId)) return undefined;
  const isWanted = runId === undefined ? sql`r.fence = (select max(fence) from run where workcell_id = w.id)` : sql`r.id = ${runId}::uuid`;
  const { rows } = await sql<UsedConsumables>`
    select r.id as "runId", r.fence, array_agg(a.name order by ra.ordinal) as labware
    from workcell w join run r on r.workcell_id = w.id
    join run_asset ra on ra.run_id = r.id
    join labware l on l.asset_id = ra.asset_id and l.auto_replace
    join asset a on a.id = ra.asset_id and a.removed_at is null
    where w.name = ${toText(workcell)} and r.ended_at is not null and r.fence is not null and ${isWanted}
    group by r.id, r.fence`.execute(db);
  return rows[0];
}
