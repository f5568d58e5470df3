// Reads runs: one, a page of them, those that are not yet in Temporal, and those that have not ended.

import { sql, type RawBuilder } from 'kysely';
import type { PauseReason } from '../../domain/runs/control.js';
import type { ErrorRecord } from '../../domain/errors/error.js';
import type { Json, JsonObject } from '../../domain/json/json.js';
import type { Page } from '../../domain/json/page.js';
import type { RunMode } from '../../domain/workcells/workcell-spec.js';
import { COUNTED_RUNS_MAX, type BoundAsset, type Run, type RunEnvelope, type RunStatus, type WaitingFor } from '../../domain/runs/run.js';
import type { Database, Transaction } from '../connection/connect-database.js';
import { isUuid, toText } from '../connection/postgres-text.js';
import { findBlockers, readContest } from '../assets/asset-contest.js';
import { parseCursor, toPage } from '../connection/cursor.js';

// The writing half of runs; callers know both as one module.
export { applyControl, closeRun, markRunStarted, setRunStatus, type ControlChange, type RunEnd, type StatusChange } from './run-status.js';

export interface RunFilter {
  readonly limit: number;
  /** With how many there are on all pages. */
  readonly isCounted?: boolean;
  readonly cursor?: string | undefined;
  readonly status?: RunStatus | undefined;
  readonly protocol?: string | undefined;
  /** Only commands by hand that this run was given while it waited. */
  readonly underRunId?: string | undefined;
  readonly createdBy?: string | undefined;
  /** Created then or later. */
  readonly since?: Date | undefined;
}

export async function getRun(db: Database | Transaction, id: string): Promise<Run | undefined> {
  if (!isUuid(id)) return undefined;
  return (await selectRuns(db, sql`where r.id = ${id}`))[0];
}

/** Newest first: run ids rise with time. What is large in them is told in short. */
export async function listRuns(db: Database, filter: RunFilter): Promise<Page<Run> & { total?: number }> {
  const key = parseCursor(filter.cursor, ['string']);
  const wanted = [
    filter.status === undefined ? undefined : sql`r.status = ${filter.status}`,
    filter.protocol === undefined ? undefined : sql`r.protocol = ${toText(filter.protocol)}`,
    filter.underRunId === undefined ? undefined : sql`r.under_run_id::text = ${toText(filter.underRunId)}`,
    filter.createdBy === undefined ? undefined : sql`r.created_by = ${toText(filter.createdBy)}`,
    filter.since === undefined ? undefined : sql`r.created_at >= ${filter.since}`,
  ];
  const where = toWhere([key === undefined ? undefined : sql`r.id < ${key[0]}::uuid`, ...wanted]);
  const runs = await selectRuns(db, sql`${where} order by r.id desc limit ${filter.limit + 1}`, SHORTENED);
  const page = toPage(runs, { limit: filter.limit, toItem: (run) => run, toKey: (run) => [run.id] });
  return filter.isCounted === true ? { ...page, total: await countRuns(db, toWhere(wanted)) } : page;
}

async function countRuns(db: Database, where: RawBuilder<unknown>): Promise<number> {
  const { rows } = await sql<{ count: number }>`
    select count(*)::int as count from (select from run r ${where} limit ${COUNTED_RUNS_MAX}) as counted`.execute(db);
  return rows[0]?.count ?? 0;
}

function toWhere(conditions: readonly (RawBuilder<unknown> | undefined)[]): RawBuilder<unknown> {
  const given = conditions.filter((condition) => condition !== undefined);
  return given.length === 0 ? sql`` : sql`where ${sql.join(given, sql` and `)}`;
}

/** Ids of all runs that Temporal has and that have not ended: one light query, however many runs there were. */
export async function listStartedRunIds(db: Database): Promise<string[]> {
  const { rows } = await sql<{ id: string }>`select id from run where ended_at is null and started_at is not null order by id`.execute(db);
  return rows.map(({ id }) => id);
}

/** Those of the runs that have ended. */
export async function listEndedAmong(db: Database, runIds: readonly string[]): Promise<string[]> {
  const { rows } = await sql<{ id: string }>`
    select id from run where id = any(${runIds.filter(isUuid)}::uuid[]) and ended_at is not null`.execute(db);
  return rows.map((row) => row.id);
}

/** Protocol sources that runs which have not ended were started with. */
export async function listOpenBundles(db: Database): Promise<string[]> {
  const { rows } = await sql<{ bundle: string }>`select distinct bundle from run where ended_at is null`.execute(db);
  return rows.map((row) => row.bundle);
}

export interface UnstartedRun {
  readonly id: string;
  readonly bundle: string;
  readonly envelope: RunEnvelope;
}

/** Runs that Temporal does not have yet, oldest first. */
export async function listUnstartedRuns(db: Database, limit: number): Promise<UnstartedRun[]> {
  return await selectUnstartedRuns(db, sql`order by r.id limit ${limit}`);
}

/** Undefined where the run has ended, or Temporal is known to have it. */
export async function findUnstartedRun(db: Database, id: string): Promise<UnstartedRun | undefined> {
  return (await selectUnstartedRuns(db, sql`and r.id = ${id}::uuid`))[0];
}

async function selectUnstartedRuns(db: Database, rest: RawBuilder<unknown>): Promise<UnstartedRun[]> {
  const { rows } = await sql<RunRow & { workcell: string | null; fence: number | null; continues_ledger: Json }>`
    select ${RUN_COLUMNS}, ${WHOLE}, r.continues_ledger, w.name as workcell, ${SELECT_ASSETS} as assets
    from run r left join workcell w on w.id = r.workcell_id
    where r.ended_at is null and r.workflow_run_id is null ${rest}`.execute(db);
  return rows.map((row) => {
    const held = { fence: row.fence, workcell: row.workcell ?? '', ledger: row.continues_ledger };
    return { id: row.id, bundle: row.bundle, envelope: toEnvelope(toSource(row), held) };
  });
}

type EnvelopeSource = Pick<
  Run,
  'id' | 'protocol' | 'version' | 'mode' | 'createdBy' | 'parameters' | 'assets' | 'timeScale' | 'continuesRunId' | 'underRunId'
>;

function toSource(row: RunRow): EnvelopeSource {
  const { id, protocol, version, mode, created_by: createdBy, parameters, time_scale: timeScale, continues_run_id: continuesRunId } = row;
  return {
    id,
    protocol,
    version,
    mode,
    createdBy,
    parameters,
    assets: row.assets ?? {},
    timeScale,
    ...(continuesRunId === null ? {} : { continuesRunId }),
    ...toUnder(row),
  };
}

function toUnder({ under_run_id: underRunId }: RunRow): { underRunId?: string } {
  return underRunId === null ? {} : { underRunId };
}

/** What the run workflow is told; the same whether the run was just created or is read back. */
export function toEnvelope(run: EnvelopeSource, held: { fence: number | null; workcell: string; ledger: Json }): RunEnvelope {
  const { id: runId, protocol, version, mode, createdBy: user, parameters, assets, timeScale, continuesRunId, underRunId } = run;
  const { fence, workcell, ledger } = held;
  return {
    v: 2,
    runId,
    protocol,
    version,
    mode,
    user,
    workcell,
    parameters,
    assets,
    fence,
    ...(timeScale === 1 ? {} : { timeScale }),
    ...(continuesRunId === undefined ? {} : { continues: { runId: continuesRunId, ledger } }),
    ...(underRunId === undefined ? {} : { underRunId }),
  };
}

interface RunRow {
  readonly id: string;
  readonly rev: number;
  readonly protocol: string;
  readonly version: string;
  readonly bundle: string;
  readonly status: RunStatus;
  readonly mode: RunMode;
  readonly parameters: JsonObject;
  readonly priority: number;
  readonly created_by: string;
  readonly created_at: Date;
  readonly started_at: Date | null;
  readonly ended_at: Date | null;
  readonly fence: number | null;
  readonly pause_reasons: readonly PauseReason[];
  readonly time_scale: number;
  readonly continues_run_id: string | null;
  readonly under_run_id: string | null;
  readonly open_items: number;
  readonly open_alarms: number;
  readonly result: Json;
  readonly is_shortened: boolean;
  readonly error: ErrorRecord | null;
  readonly assets: Record<string, BoundAsset> | null;
  readonly open_assets: readonly string[] | null;
  readonly calls: number;
  readonly commands: { readonly completed: number; readonly failed: number; readonly uncertain: number };
}

/** All but the ledger of a continued run, which may be large and is needed once. */
const RUN_COLUMNS = sql`r.id, r.rev, r.protocol, r.version, r.bundle, r.status, r.mode, r.priority, r.created_by, r.created_at,
  r.started_at, r.ended_at, r.fence, r.error, r.pause_reasons, r.time_scale, r.continues_run_id, r.under_run_id`;

const WHOLE = sql`r.parameters, r.result, false as is_shortened`;

/** Of a list: a page of runs with tables of a hundred thousand rows would weigh more than anybody can read. */
const SHORTENED_ABOVE_BYTES = 16_384;
const SHOWN_VALUE_MAX_BYTES = 1_024;
/** What is as small as this where it lies, compressed, is not looked at. */
const LOOKED_AT_ABOVE_BYTES = 2_000;
const isLarge = (column: RawBuilder<unknown>): RawBuilder<unknown> =>
  sql`(pg_column_size(${column}) > ${LOOKED_AT_ABOVE_BYTES} and octet_length(${column}::text) > ${SHORTENED_ABOVE_BYTES})`;
const toBytesInWords = (value: RawBuilder<unknown>): RawBuilder<unknown> =>
  sql`to_json(format('… (%s bytes)', octet_length(${value}::text)))`;
const SHORTENED = sql`
  case when ${isLarge(sql`r.parameters`)} then (select json_object_agg(p.key, case when octet_length(p.value::text) > ${SHOWN_VALUE_MAX_BYTES}
      then ${toBytesInWords(sql`p.value`)} else p.value end) from json_each(r.parameters) p) else r.parameters end as parameters,
  case when ${isLarge(sql`r.result`)} then ${toBytesInWords(sql`r.result`)} else r.result end as result,
  coalesce(${isLarge(sql`r.parameters`)} or ${isLarge(sql`r.result`)}, false) as is_shortened`;

const SELECT_ASSETS = sql`(select json_object_agg(ra.parameter,
    json_build_object('id', ra.asset_id, 'name', ra.name, 'kind', ra.kind, 'type', ra.type) order by ra.ordinal)
  from run_asset ra where ra.run_id = r.id)`;

async function selectRuns(db: Database | Transaction, tail: RawBuilder<unknown>, values = WHOLE): Promise<Run[]> {
  const { rows } = await sql<RunRow>`
    select ${RUN_COLUMNS}, ${values}, ${SELECT_ASSETS} as assets,
      (select array_agg(ra.parameter order by ra.ordinal) from run_asset ra
        where ra.run_id = r.id and not ra.is_named and ra.hold = 'perRun' and r.fence is null and r.ended_at is null) as open_assets,
      (select count(*) from inbox_item i where i.run_id = r.id and i.status = 'open' and not i.is_alarm) as open_items,
      (select count(*) from inbox_item i where i.is_alarm and i.status = 'open'
        and (i.run_id = r.id or (i.run_id is null and i.workcell_id = r.workcell_id and r.ended_at is null))) as open_alarms,
      (select count(*) from call c where c.run_id = r.id) as calls,
      (select json_build_object('completed', count(*) filter (where c.status = 'completed'),
         'failed', count(*) filter (where c.status = 'failed'), 'uncertain', count(*) filter (where c.status = 'uncertain'))
       from command c where c.run_id = r.id) as commands
    from run r ${tail}`.execute(db);
  const waiting = await readWaiting(db, rows);
  return rows.map((row) => toRun(row, waiting.get(row.id)));
}

/** Told from who holds and waits now, not from what was true when the run, or a section of it, began to wait. */
async function readWaiting(db: Database | Transaction, rows: readonly RunRow[]): Promise<Map<string, WaitingFor[]>> {
  const open = rows.filter((row) => row.ended_at === null).map((row) => row.id);
  if (open.length === 0) return new Map();
  const { rows: waits } = await sql<{ runId: string; useId: string; rankMs: number; assetIds: string[] }>`
    select run_id as "runId", use_id as "useId", rank_ms as "rankMs", array_agg(asset_id) as "assetIds"
    from asset_wait where run_id = any(${open}::uuid[]) group by 1, 2, 3 order by 3, 2`.execute(db);
  const contest = await readContest(db, [...new Set(waits.flatMap((wait) => wait.assetIds))]);
  const blockers = new Map<string, WaitingFor[]>();
  for (const wait of waits) {
    const assets = contest.filter((asset) => wait.assetIds.includes(asset.id));
    blockers.set(wait.runId, [...(blockers.get(wait.runId) ?? []), ...findBlockers(wait, assets)]);
  }
  return blockers;
}

function toRun(row: RunRow, waitingFor: readonly WaitingFor[] | undefined): Run {
  return {
    id: row.id,
    rev: row.rev,
    protocol: row.protocol,
    version: row.version,
    bundle: row.bundle,
    status: row.status,
    mode: row.mode,
    parameters: row.parameters,
    assets: row.assets ?? {},
    priority: row.priority,
    createdBy: row.created_by,
    createdAt: row.created_at.toISOString(),
    startedAt: row.started_at?.toISOString() ?? null,
    endedAt: row.ended_at?.toISOString() ?? null,
    ...(waitingFor === undefined ? {} : { waitingFor }),
    ...(row.open_assets === null ? {} : { openAssets: row.open_assets }),
    pauseReasons: row.pause_reasons,
    openItems: row.open_items,
    openAlarms: row.open_alarms,
    timeScale: row.time_scale,
    ...(row.continues_run_id === null ? {} : { continuesRunId: row.continues_run_id }),
    ...toUnder(row),
    ...(row.result === null ? {} : { result: row.result }),
    ...(row.is_shortened && { isShortened: true }),
    ...(row.error === null ? {} : { error: row.error }),
    counts: { calls: row.calls, commands: row.commands },
  };
}
