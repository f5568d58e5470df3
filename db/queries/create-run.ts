// Creates a run in one transaction: binds its assets, claims them where they are free, else queues it.
// Any error leaves nothing behind.

import { randomInt } from 'node:crypto';
import { sql, type RawBuilder } from 'kysely';
import { invariant, LabError } from '../../domain/error.js';
import type { NewEvent } from '../../domain/event.js';
import type { Json, JsonObject } from '../../domain/json.js';
import type { AssetSpec, PublishedProtocol } from '../../domain/protocol.js';
import type { Run, WaitingFor } from '../../domain/run.js';
import type { Database, Transaction } from '../connect-database.js';
import { toAppendCall } from '../event-log/append-events.js';
import { toJsonText, toText } from '../postgres-text.js';
import { findBlockers, toRankMs } from './asset-contest.js';
import { borrowMachine, refuseTaken } from './borrow-machine.js';
import { refuseUndeclared, type Choice } from './choose-assets.js';
import { claimChoice, findChoice } from './find-choice.js';
import { getRun, toEnvelope, type UnstartedRun } from './run.queries.js';

export interface RunRequest {
  /** UUIDv7. */
  readonly id: string;
  readonly definition: PublishedProtocol;
  /** Checked, defaults filled in. */
  readonly parameters: JsonObject;
  /** Asset parameter → name or id of an item; what is left out is chosen. */
  readonly requestedAssets: Readonly<Record<string, string>>;
  readonly createdBy: string;
  readonly priority: number;
  readonly idempotencyKey?: string | undefined;
  readonly requestHash: string;
  /** Simulated runs only: delays and intervals are this many times shorter. */
  readonly timeScale?: number | undefined;
  /** The ended run that this one continues, and what that one had done up to the chosen call. */
  readonly continues?: Continuation | undefined;
  /** A command by hand: refused where a run would wait. */
  readonly byHand?: ByHand | undefined;
  readonly atMs: number;
}

/** What makes a run one of the protocol `manual`. */
export interface ByHand {
  /** The waiting run that holds the machine; left out where nobody does. */
  readonly underRunId?: string | undefined;
}

export interface Continuation {
  readonly runId: string;
  readonly ledger: Json;
  /** Path of the call that is done again first. */
  readonly from: string;
  /** Why a person continues it; may be empty. */
  readonly reason: string;
}

export type CreatedRun =
  | { readonly created: false; readonly run: Run }
  /** With what starting it takes, so that nobody has to read it back first. */
  | { readonly created: true; readonly run: Run; readonly unstarted: UnstartedRun };

/** A repeated key returns the run of the first request; with another request it is refused. */
export async function createRun(db: Database, request: RunRequest): Promise<CreatedRun> {
  refuseUndeclared(request.definition.assets, request.requestedAssets);
  const quick = await createWhereFree(db, request);
  if (quick !== undefined) return quick;
  for (let tries = 1; ; tries += 1) {
    try {
      return await createOnce(db, request, { turn: tries === 1 ? 0 : randomInt(TURNS), isLastTry: tries === CHOICE_TRIES_MAX });
    } catch (error) {
      if (!(error instanceof TakenMeanwhile)) throw error;
    }
  }
}

/** How often others may be faster before a run takes what it chose, though something better may be free by now. */
const CHOICE_TRIES_MAX = 8;
const TURNS = 2 ** 31;

/** Ends a transaction and with it its locks: what was chosen went to somebody else before it was locked. */
class TakenMeanwhile extends LabError {
  constructor() {
    super('INTERNAL');
  }
}

/** Of a statement that found its items taken; the function `take_free` raises it. */
const TAKEN_STATE = 'PX001';

/**
 * What most starts need: their items are free, and one statement takes them and writes the run, without a transaction around it.
 * Undefined where anything stands in the way, which the transaction then decides; nothing is left behind.
 */
async function createWhereFree(db: Database, request: RunRequest): Promise<CreatedRun | undefined> {
  if (request.byHand !== undefined) return undefined;
  const choice = await findChoice(db, request).catch((error: unknown) => {
    // An earlier run of the same key comes before every refusal.
    if (error instanceof LabError) return undefined;
    throw error;
  });
  if (choice?.bound.every(({ asset }) => asset.holder === null && asset.waiterCount === 0 && !asset.isQuarantined) !== true) return undefined;
  if (isScaledHardware(request, choice)) return undefined;
  const rankMs = toRankMs({ priority: request.priority, createdAtMs: request.atMs });
  try {
    const written = await writeRun(db, { request, choice, waitingFor: [], rankMs, borrowedFence: null, isQuick: true });
    return written && toCreated(request, choice, { waitingFor: [], ...written });
  } catch (error) {
    if (typeof error === 'object' && error !== null && 'code' in error && error.code === TAKEN_STATE) return undefined;
    throw error;
  }
}

function toCreated(request: RunRequest, choice: Choice, { waitingFor, fence, workcell }: Written & { waitingFor: readonly WaitingFor[] }): CreatedRun {
  const run = toNewRun(request, choice, waitingFor);
  const envelope = toEnvelope(run, { fence, workcell, ledger: request.continues?.ledger ?? null });
  return { created: true, run, unstarted: { id: run.id, bundle: run.bundle, envelope } };
}

async function createOnce(db: Database, request: RunRequest, { turn, isLastTry }: { turn: number; isLastTry: boolean }): Promise<CreatedRun> {
  return await db.transaction().execute(async (tx) => {
    const earlier = await findEarlierRun(tx, request);
    if (earlier !== undefined) return { run: earlier, created: false };
    const choice = await claimChoice(tx, { ...request, turn }, isLastTry);
    if (choice === undefined) throw new TakenMeanwhile();
    refuseScaledHardware(request, choice);
    const rankMs = toRankMs({ priority: request.priority, createdAtMs: request.atMs });
    const underRunId = request.byHand?.underRunId;
    const borrowedFence = underRunId === undefined ? null : await borrowMachine(tx, underRunId, choice.bound.map(({ asset }) => asset));
    const waitingFor = findBlockers(
      { runId: request.id, useId: '', rankMs },
      listHeld(request, choice).map(({ asset }) => asset),
    );
    if (request.byHand) refuseTaken(waitingFor);
    const written = await writeRun(tx, { request, choice, waitingFor, rankMs, borrowedFence, isQuick: false });
    invariant(written !== undefined, 'a run whose items are locked is written');
    return toCreated(request, choice, { waitingFor, ...written });
  });
}

/** A real machine takes the time it takes. */
function refuseScaledHardware(request: RunRequest, choice: Choice): void {
  if (!isScaledHardware(request, choice)) return;
  throw new LabError('PARAMETER_RANGE', { message: 'The time of a run on real machines cannot be scaled.', field: 'timeScale' });
}

function isScaledHardware({ timeScale = 1 }: RunRequest, { mode }: Choice): boolean {
  return timeScale !== 1 && mode !== 'simulation';
}

/** What the run holds from its beginning to its end; shared machines are claimed by its sections, borrowed ones by nobody. */
function listHeld({ definition, byHand }: RunRequest, choice: Choice): Choice['bound'] {
  if (byHand?.underRunId !== undefined) return [];
  return choice.bound.filter(({ parameter }) => !isShared(definition.assets[parameter]));
}

function isShared(spec: AssetSpec | undefined): boolean {
  return spec?.kind === 'machine' && spec.hold === 'perUse';
}

/** A row where the key is new. */
function insertKey(request: RunRequest): RawBuilder<unknown> {
  return sql`insert into idempotency_key (created_by, key, request_hash, run_id)
    values (${toText(request.createdBy)}, ${toText(request.idempotencyKey ?? '')}, ${request.requestHash}, ${request.id}::uuid)
    on conflict do nothing returning run_id`;
}

/** The insert waits for a twin that is being written, so one of many parallel repeats creates the run. */
async function findEarlierRun(tx: Transaction, request: RunRequest): Promise<Run | undefined> {
  if (request.idempotencyKey === undefined) return undefined;
  const key = toText(request.idempotencyKey);
  const written = await insertKey(request).execute(tx);
  if (written.rows.length > 0) return undefined;
  const first = await tx
    .selectFrom('idempotency_key')
    .selectAll()
    .where('created_by', '=', toText(request.createdBy))
    .where('key', '=', key)
    .executeTakeFirstOrThrow();
  if (first.request_hash !== request.requestHash) {
    throw new LabError('IDEMPOTENCY_MISMATCH', { message: `This Idempotency-Key started run ${first.run_id} with another request.` });
  }
  return await getRun(tx, first.run_id);
}

interface Writing {
  readonly request: RunRequest;
  readonly choice: Choice;
  readonly waitingFor: readonly WaitingFor[];
  readonly rankMs: number;
  readonly borrowedFence: number | null;
  /** Nothing is locked and no key is looked up yet: the statement does both. */
  readonly isQuick: boolean;
}

interface Written {
  readonly fence: number | null;
  readonly workcell: string;
}

/**
 * One statement: the foreign keys between its parts are checked when all of them are there. Events are appended once the run's row is.
 * A quick one writes the key and then takes the items, in the order of the transaction; undefined where the key is known already, and
 * nothing is written.
 */
async function writeRun(db: Database | Transaction, { request, choice, waitingFor, rankMs, borrowedFence, isQuick }: Writing): Promise<Written | undefined> {
  const { definition } = request;
  const isGranted = waitingFor.length === 0;
  const at = sql`to_timestamp(${request.atMs}::float8 / 1000)`;
  const assetIds = choice.bound.map(({ asset }) => asset.id);
  const heldIds = listHeld(request, choice).map(({ asset }) => asset.id);
  const holds = choice.bound.map(({ parameter }) => (isShared(definition.assets[parameter]) ? 'perUse' : 'perRun'));
  // A run without machines and labware belongs somewhere too: its end is written by a workcell's worker.
  const workcellId = sql`coalesce(${choice.workcellId}::uuid, (select id from workcell order by name limit 1))`;
  const { rows } = await sql<{ fence: number | null; workcell: string | null }>`
    with keyed as (${isQuick && request.idempotencyKey !== undefined ? insertKey(request) : sql`select`}),
    allowed as materialized (select ${isQuick ? sql`take_free(${assetIds}::uuid[])` : sql`true`} as is_allowed from keyed),
    granted as materialized (select coalesce(${borrowedFence}::bigint, nextval('fence_sequence')) as fence from allowed where is_allowed and ${isGranted}),
    new_run as (
      insert into run (id, definition_id, workcell_id, protocol, version, bundle, status, mode, parameters, priority, created_by, created_at, fence,
        time_scale, continues_run_id, continues_ledger, under_run_id)
      select ${request.id}::uuid, ${definition.id}::uuid, ${workcellId}, ${definition.name}, ${definition.version}, ${definition.bundle}, 'queued',
        ${choice.mode}, ${JSON.stringify(request.parameters)}::json, ${request.priority}::int, ${toText(request.createdBy)}, ${at}, (select fence from granted),
        ${request.timeScale ?? 1}::float8, ${request.continues?.runId ?? null}::uuid, ${toJsonText(request.continues?.ledger)}::json,
        ${request.byHand?.underRunId ?? null}::uuid from allowed where is_allowed returning id),
    new_assets as (
      insert into run_asset (run_id, ordinal, parameter, asset_id, name, kind, type, hold)
      select ${request.id}::uuid, g.ordinal, g.parameter, a.id, a.name, a.kind, a.type, g.hold
      from unnest(${choice.bound.map(({ parameter }) => parameter)}::text[], ${assetIds}::uuid[], ${holds}::text[])
        with ordinality as g (parameter, asset_id, hold, ordinal)
      join asset a on a.id = g.asset_id where exists (select from allowed)),
    held as (
      insert into reservation (asset_id, run_id, fence, granted_at)
      select g.asset_id, ${request.id}::uuid, granted.fence, ${at} from granted, unnest(${heldIds}::uuid[]) as g (asset_id)),
    waiting as (
      insert into asset_wait (asset_id, rank_ms, run_id)
      select g.asset_id, ${rankMs}::bigint, ${request.id}::uuid from unnest(${heldIds}::uuid[]) as g (asset_id) where ${!isGranted})
    select ${toAppendCall(toEvents(request, choice, waitingFor))}, (select fence from granted) as fence,
      (select name from workcell where id = ${workcellId}) as workcell from new_run`.execute(db);
  const [row] = rows;
  return row && { fence: row.fence, workcell: row.workcell ?? '' };
}

function toEvents(request: RunRequest, choice: Choice, waitingFor: readonly WaitingFor[]): NewEvent[] {
  const { id: runId, atMs, definition, priority, createdBy } = request;
  const assets = Object.fromEntries(choice.bound.map(({ parameter, asset }) => [parameter, asset.name]));
  const scale = request.timeScale === undefined || request.timeScale === 1 ? {} : { timeScale: request.timeScale };
  const continued = request.continues === undefined ? {} : toContinuedData(request.continues);
  const underRunId = request.byHand?.underRunId;
  const under = underRunId === undefined ? {} : { underRunId };
  const data = { protocol: definition.name, version: definition.version, mode: choice.mode, priority, createdBy, assets, ...scale, ...continued, ...under };
  const created: NewEvent = { type: 'run.created', atMs, runId, data };
  if (underRunId !== undefined) return [created, { type: 'run.commanded', atMs, runId: underRunId, data: { byRunId: runId, by: createdBy, assets, ...request.parameters } }];
  if (waitingFor.length === 0) return [created];
  return [created, { type: 'run.waiting', atMs, runId, data: { waitingFor: waitingFor.map((wait) => ({ ...wait })) } }];
}

function toContinuedData({ runId, from, reason }: Continuation): NewEvent['data'] {
  return { continuesRunId: runId, from, ...(reason === '' ? {} : { reason }) };
}

function toNewRun(request: RunRequest, choice: Choice, waitingFor: readonly WaitingFor[]): Run {
  const { definition } = request;
  return {
    id: request.id,
    rev: 1,
    protocol: definition.name,
    version: definition.version,
    bundle: definition.bundle,
    status: 'queued',
    mode: choice.mode,
    parameters: request.parameters,
    assets: Object.fromEntries(
      choice.bound.map(({ parameter, asset: { id, name, kind, type } }) => [parameter, { id, name, kind, type }]),
    ),
    priority: request.priority,
    createdBy: request.createdBy,
    createdAt: new Date(request.atMs).toISOString(),
    startedAt: null,
    endedAt: null,
    ...(waitingFor.length === 0 ? {} : { waitingFor }),
    pauseReasons: [],
    openItems: 0,
    openAlarms: 0,
    timeScale: request.timeScale ?? 1,
    ...(request.continues === undefined ? {} : { continuesRunId: request.continues.runId }),
    ...(request.byHand?.underRunId === undefined ? {} : { underRunId: request.byHand.underRunId }),
    counts: { calls: 0, commands: { completed: 0, failed: 0, uncertain: 0 } },
  };
}
