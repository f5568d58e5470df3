// Writes a new run in one statement: its row, its assets, what it holds or waits for, its idempotency key and its first events.

import { sql, type RawBuilder } from 'kysely';
import type { NewEvent } from '../../domain/history/event.js';
import type { WaitingFor } from '../../domain/runs/run.js';
import type { Database, Transaction } from '../connection/connect-database.js';
import { toAppendCall } from '../history/append-events.js';
import { toJsonText, toText } from '../connection/postgres-text.js';
import type { Choice } from '../assets/choose-assets.js';
import { isShared, listHeld, type Continuation, type RunRequest } from './run-request.js';

/** A row where the key is new. */
export function insertKey(request: RunRequest): RawBuilder<unknown> {
  return sql`insert into idempotency_key (created_by, key, request_hash, run_id)
    values (${toText(request.createdBy)}, ${toText(request.idempotencyKey ?? '')}, ${request.requestHash}, ${request.id}::uuid)
    on conflict do nothing returning run_id`;
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

export interface Written {
  readonly fence: number | null;
  readonly workcell: string;
}

/**
 * One statement: the foreign keys between its parts are checked when all of them are there. Events are appended once the run's row is.
 * A quick one writes the key and then takes the items, in the order of the transaction; undefined where the key is known already, and
 * nothing is written.
 */
export async function writeRun(
  db: Database | Transaction,
  { request, choice, waitingFor, rankMs, borrowedFence, isQuick }: Writing,
): Promise<Written | undefined> {
  const { definition } = request;
  const isGranted = waitingFor.length === 0;
  const at = sql`to_timestamp(${request.atMs}::float8 / 1000)`;
  const assetIds = choice.bound.map(({ asset }) => asset.id);
  const heldIds = listHeld(request, choice).map(({ asset }) => asset.id);
  const isNamed = choice.bound.map(({ parameter }) => Object.hasOwn(request.requestedAssets, parameter));
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
      insert into run_asset (run_id, ordinal, parameter, asset_id, name, kind, type, hold, is_named)
      select ${request.id}::uuid, g.ordinal, g.parameter, a.id, a.name, a.kind, a.type, g.hold, g.is_named
      from unnest(${choice.bound.map(({ parameter }) => parameter)}::text[], ${assetIds}::uuid[], ${holds}::text[], ${isNamed}::boolean[])
        with ordinality as g (parameter, asset_id, hold, is_named, ordinal)
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
  const data = {
    protocol: definition.name,
    version: definition.version,
    mode: choice.mode,
    priority,
    createdBy,
    assets,
    ...scale,
    ...continued,
    ...under,
  };
  const created: NewEvent = { type: 'run.created', atMs, runId, data };
  if (underRunId !== undefined)
    return [
      created,
      { type: 'run.commanded', atMs, runId: underRunId, data: { byRunId: runId, by: createdBy, assets, ...request.parameters } },
    ];
  if (waitingFor.length === 0) return [created];
  return [created, { type: 'run.waiting', atMs, runId, data: { waitingFor: waitingFor.map((wait) => ({ ...wait })) } }];
}

function toContinuedData({ runId, from, reason }: Continuation): NewEvent['data'] {
  return { continuesRunId: runId, from, ...(reason === '' ? {} : { reason }) };
}
