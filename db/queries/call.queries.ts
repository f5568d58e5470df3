// The calls of a run: recorded from the log of its workflow, read as a tree.

import { sql, type Selectable } from 'kysely';
import type { Call, CallLog } from '../../domain/call.js';
import { toParentCall } from '../../domain/call-path.js';
import type { Json } from '../../domain/json.js';
import type { Database, Transaction } from '../connect-database.js';
import { appendEvents } from '../event-log/append-events.js';
import { projectCalls } from '../event-log/project-calls.js';
import { isUuid, toText } from '../postgres-text.js';
import type { Tables } from '../tables.js';

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

/** The root call with everything below it, children in the order of their start; undefined before the first entry. */
export async function getCallTree(db: Database, runId: string): Promise<Call | undefined> {
  if (!isUuid(runId)) return undefined;
  const rows = await db.selectFrom('call').selectAll().where('run_id', '=', runId).execute();
  rows.sort((a, b) => toStartMs(a) - toStartMs(b) || (a.started_n ?? 0) - (b.started_n ?? 0) || a.path.localeCompare(b.path, 'en', { numeric: true }));
  const childrenOf = new Map<string, CallRow[]>();
  const paths = new Set(rows.map((row) => row.path));
  for (const row of rows) {
    const parent = findParent(row.path, paths);
    childrenOf.set(parent, [...(childrenOf.get(parent) ?? []), row]);
  }
  // Without the entry of the root, what is known of one of its calls is shown.
  const tops = childrenOf.get('') ?? [];
  const root = tops.find(({ path }) => !path.includes('/')) ?? tops[0];
  return root === undefined ? undefined : toCall(root, childrenOf);
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

type CallRow = Selectable<Tables['call']>;

/** The nearest ancestor that is known: a child's entry may come before that of its parent. */
function findParent(path: string, paths: ReadonlySet<string>): string {
  let parent = toParentCall(path);
  while (parent !== '' && !paths.has(parent)) parent = toParentCall(parent);
  return parent;
}

function toCall(row: CallRow, childrenOf: ReadonlyMap<string, readonly CallRow[]>): Call {
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
    children: (childrenOf.get(row.path) ?? []).map((child) => toCall(child, childrenOf)),
  };
}

function toStartMs(row: CallRow): number {
  return (row.started_at ?? row.ended_at)?.getTime() ?? 0;
}
