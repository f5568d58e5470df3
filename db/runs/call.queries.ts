// The calls of a run: recorded from the log of its workflow, read as a tree.

import { sql, type RawBuilder, type Selectable } from 'kysely';
import type { Call, CallLog } from '../../domain/runs/call.js';
import type { Json } from '../../domain/json/json.js';
import type { Database, Transaction } from '../connection/connect-database.js';
import { appendEvents } from '../history/append-events.js';
import { projectCalls } from '../journal/project-calls.js';
import { isUuid, toText } from '../connection/postgres-text.js';
import type { Tables } from '../connection/tables.js';

/** Repeats change nothing, and the order in which logs arrive does not matter. */
export async function recordCalls(db: Database | Transaction, runId: string, log: CallLog): Promise<void> {
  if (log.entries.length === 0) return;
  if (db.isTransaction) await recordWithin(db as Transaction, runId, log);
  else await db.transaction().execute((tx) => recordWithin(tx, runId, log));
}

async function recordWithin(tx: Transaction, runId: string, log: CallLog): Promise<void> {
  const projected = await projectCalls(tx, [{ runId, ...log }]);
  await appendEvents(
    tx,
    projected.map(({ event }) => event),
  );
}

/** What is read of a call tree: from a call down, its children from one on, and so many calls at most. */
export interface TreeCut {
  /** Left out, the root. */
  readonly path?: string | undefined;
  /** So many children of the call itself are passed over. */
  readonly after: number;
  readonly limit: number;
}

/**
 * A call with what is below it, children in the order of their start. Level by level up to the limit, so that what is left
 * out is always the deepest; `childCount` tells how many children there are. Undefined where there is no such call (yet).
 */
export async function getCallTree(db: Database, runId: string, cut: TreeCut = { after: 0, limit: Infinity }): Promise<Call | undefined> {
  if (!isUuid(runId)) return undefined;
  const limit = Number.isFinite(cut.limit) ? cut.limit : null;
  // Without the entry of the root, what is known of one of its calls is shown.
  const root =
    cut.path === undefined ? sql`parent = '' order by position('/' in path) > 0, at, n, path limit 1` : sql`path = ${toText(cut.path)}`;
  // Only names and times of all calls are read here, once; what the calls carry is read of the chosen ones alone.
  const { rows } = await sql<PlacedCall>`
    with recursive known as materialized (
      select path, coalesce(started_at, ended_at) as at, coalesce(started_n, 0) as n, parent from call where run_id = ${runId}::uuid),
    climb (path, up) as (
      select parent, ${toParent(sql`parent`)} from (select distinct parent from known) above where parent <> '' and not exists (select from known k where k.path = above.parent)
      union all
      select path, ${toParent(sql`up`)} from climb where up <> '' and not exists (select from known k where k.path = climb.up)),
    nearest as materialized (select path, min(up) as up from climb where up = '' or exists (select from known k where k.path = climb.up) group by path),
    placed as not materialized (select known.path, at, n, coalesce(nearest.up, parent) as parent from known left join nearest on nearest.path = known.parent),
    tree (path, parent, ordinal, depth, total) as (
      (select path, '', 1::bigint, 0, 1::bigint from placed where ${root})
      union all
      select path, parent, ordinal, depth, total + count(*) over () from (
        select child.path, tree.path as parent, tree.depth + 1 as depth, tree.total,
          row_number() over (partition by tree.path order by child.at, child.n, child.path) as ordinal
        from tree join placed child on child.parent = tree.path where ${limit}::bigint is null or tree.total < ${limit}::bigint) children
      where (depth > 1 or ordinal > ${cut.after}::bigint) and ordinal <= ${limit === null ? Number.MAX_SAFE_INTEGER : cut.after + limit}::bigint),
    chosen as materialized (select * from tree order by depth, ordinal, path limit ${limit}::bigint),
    counted as (select parent as path, count(*) as children from placed group by parent)
    select call.*, chosen.parent as tree_parent, coalesce(counted.children, 0) as child_count
    from chosen join call on call.run_id = ${runId}::uuid and call.path = chosen.path left join counted on counted.path = chosen.path
    order by chosen.depth, chosen.ordinal, chosen.path`.execute(db);
  const [top] = rows;
  if (top === undefined) return undefined;
  const childrenOf = new Map<string, PlacedCall[]>();
  for (const row of rows.slice(1)) {
    const siblings = childrenOf.get(row.tree_parent);
    if (siblings === undefined) childrenOf.set(row.tree_parent, [row]);
    else siblings.push(row);
  }
  return toCall(top, childrenOf);
}

/** The path of the call that made the one with this path, as `toParentCall` tells it. */
function toParent(path: RawBuilder<unknown>): RawBuilder<string> {
  return sql`case when position('/' in ${path}) = 0 then '' else regexp_replace(${path}, '([[({][^/]*)?/[^/]*$', '') end`;
}

/** Results of calls that have completed, by path; what is not known is left out. */
export async function readCallResults(db: Database, runId: string, paths: readonly string[]): Promise<Map<string, Json>> {
  if (paths.length === 0 || !isUuid(runId)) return new Map();
  const rows = await db
    .selectFrom('call')
    .select(['path', 'result'])
    .where('run_id', '=', runId)
    .where('path', '=', sql<string>`any(${paths.map(toText)}::text[])`)
    .where('status', '=', 'completed')
    .execute();
  return new Map(rows.map(({ path, result }) => [path, result]));
}

interface PlacedCall extends Selectable<Tables['call']> {
  /** The nearest call above that is known: a child's entry may come before that of its parent. */
  readonly tree_parent: string;
  readonly child_count: number;
}

function toCall(row: PlacedCall, childrenOf: ReadonlyMap<string, readonly PlacedCall[]>): Call {
  const at = row.started_at ?? row.ended_at;
  return {
    path: row.path,
    // Only the end is known yet: the path tells the name until the entry of the start arrives.
    name: row.name ?? row.path.slice(row.path.lastIndexOf('/') + 1).replace(/\.\d+$/u, ''),
    version: row.version ?? '',
    kind: row.kind ?? (row.path.includes('/') ? 'inline' : 'run'),
    status: row.status,
    arguments: row.arguments ?? {},
    ...(row.workflow_id === null ? {} : { workflowId: row.workflow_id }),
    ...(row.status === 'completed' ? { result: row.result } : {}),
    startedAt: (at ?? new Date(0)).toISOString(),
    endedAt: row.ended_at?.toISOString() ?? null,
    ...(row.error === null ? {} : { error: row.error }),
    childCount: row.child_count,
    children: (childrenOf.get(row.path) ?? []).map((child) => toCall(child, childrenOf)),
  };
}
