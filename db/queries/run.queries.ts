// Reads runs: one, a page of them, those that are not yet in Temporal, and those that have not ended.

import { sql, type RawBuilder } from 'kysely';
import type { ErrorRecord } from '../../domain/error.js';
import type { Json, JsonObject } from '../../domain/json.js';
import type { Page } from '../../domain/page.js';
import type { BoundAsset, Run, RunEnvelope, RunMode, RunStatus, WaitingFor } from '../../domain/run.js';
import type { Database, Transaction } from '../connect-database.js';
import { isUuid, toText } from '../postgres-text.js';
import { findBlockers, readContest, toRankMs } from './asset-contest.js';
import { parseCursor, toPage } from './cursor.js';

// The writing half of runs; callers know both as one module.
export { closeRun, holdRun, markRunStarted, setRunStatus, type RunEnd, type StatusChange } from './run-status.js';

export interface RunFilter {
  readonly limit: number;
  readonly cursor?: string | undefined;
  readonly status?: RunStatus | undefined;
  readonly protocol?: string | undefined;
}

export async function getRun(db: Database | Transaction, id: string): Promise<Run | undefined> {
  if (!isUuid(id)) return undefined;
  return (await selectRuns(db, sql`where r.id = ${id}`))[0];
}

/** Newest first: run ids rise with time. */
export async function listRuns(db: Database, filter: RunFilter): Promise<Page<Run>> {
  const key = parseCursor(filter.cursor, ['string']);
  const conditions = [
    key === undefined ? undefined : sql`r.id < ${key[0]}::uuid`,
    filter.status === undefined ? undefined : sql`r.status = ${filter.status}`,
    filter.protocol === undefined ? undefined : sql`r.protocol = ${toText(filter.protocol)}`,
  ].filter((condition) => condition !== undefined);
  const where = conditions.length === 0 ? sql`` : sql`where ${sql.join(conditions, sql` and `)}`;
  const runs = await selectRuns(db, sql`${where} order by r.id desc limit ${filter.limit + 1}`);
  return toPage(runs, { limit: filter.limit, toItem: (run) => run, toKey: (run) => [run.id] });
}

/** Oldest first, after an id where the list is read in portions. */
export async function listOpenRuns(db: Database, limit: number, afterId?: string): Promise<Run[]> {
  const after = afterId === undefined ? sql`true` : sql`r.id > ${afterId}::uuid`;
  return await selectRuns(db, sql`where r.ended_at is null and ${after} order by r.id limit ${limit}`);
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
  const { rows } = await sql<RunRow & { workcell: string | null; fence: number | null }>`
    select r.*, w.name as workcell, ${SELECT_ASSETS} as assets
    from run r left join workcell w on w.id = r.workcell_id
    where r.ended_at is null and r.workflow_run_id is null order by r.id limit ${limit}`.execute(db);
  return rows.map((row) => {
    const run = { ...row, createdBy: row.created_by, assets: row.assets ?? {} };
    return { id: row.id, bundle: row.bundle, envelope: toEnvelope(run, { fence: row.fence, workcell: row.workcell ?? '' }) };
  });
}

type EnvelopeSource = Pick<Run, 'id' | 'protocol' | 'version' | 'mode' | 'createdBy' | 'parameters' | 'assets'>;

/** What the run workflow is told; the same whether the run was just created or is read back. */
export function toEnvelope(run: EnvelopeSource, held: { fence: number | null; workcell: string }): RunEnvelope {
  const { id, protocol, version, mode, createdBy, parameters, assets } = run;
  return { v: 1, runId: id, protocol, version, mode, user: createdBy, workcell: held.workcell, parameters, assets, fence: held.fence };
}

interface RunRow {
  readonly id: string;
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
  readonly result: Json;
  readonly error: ErrorRecord | null;
  readonly assets: Record<string, BoundAsset> | null;
  readonly calls: number;
  readonly commands: { readonly completed: number; readonly failed: number; readonly uncertain: number };
}

const SELECT_ASSETS = sql`(select json_object_agg(ra.parameter,
    json_build_object('id', ra.asset_id, 'name', ra.name, 'kind', ra.kind, 'type', ra.type) order by ra.ordinal)
  from run_asset ra where ra.run_id = r.id)`;

async function selectRuns(db: Database | Transaction, tail: RawBuilder<unknown>): Promise<Run[]> {
  const { rows } = await sql<RunRow>`
    select r.*, ${SELECT_ASSETS} as assets,
      (select count(*) from call c where c.run_id = r.id) as calls,
      (select json_build_object('completed', count(*) filter (where c.status = 'completed'),
         'failed', count(*) filter (where c.status = 'failed'), 'uncertain', count(*) filter (where c.status = 'uncertain'))
       from command c where c.run_id = r.id) as commands
    from run r ${tail}`.execute(db);
  const waiting = await readWaiting(db, rows);
  return rows.map((row) => toRun(row, waiting.get(row.id)));
}

/** Told from who holds and waits now, not from what was true when the run was queued. */
async function readWaiting(db: Database | Transaction, rows: readonly RunRow[]): Promise<Map<string, WaitingFor[]>> {
  const queued = rows.filter((row) => row.fence === null && row.ended_at === null);
  const idsOf = (row: RunRow): string[] => Object.values(row.assets ?? {}).map((asset) => asset.id);
  const contest = await readContest(db, [...new Set(queued.flatMap(idsOf))]);
  return new Map(
    queued.map((row) => {
      const ids = new Set(idsOf(row));
      const rankMs = toRankMs({ priority: row.priority, createdAtMs: row.created_at.getTime() });
      const assets = contest.filter((asset) => ids.has(asset.id));
      return [row.id, findBlockers({ id: row.id, rankMs }, assets)];
    }),
  );
}

function toRun(row: RunRow, waitingFor: readonly WaitingFor[] | undefined): Run {
  return {
    id: row.id,
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
    ...(row.result === null ? {} : { result: row.result }),
    ...(row.error === null ? {} : { error: row.error }),
    counts: { calls: row.calls, commands: row.commands },
  };
}
