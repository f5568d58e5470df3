// Turns call-log entries into call rows, run state, measurements and events. Entries may come twice and in any
// order: each is kept once by (workflow, n), and a row ends up the same whichever of its entries came first.

import { sql } from 'kysely';
import type { CallEnd, CallEntry } from '../../domain/runs/call.js';
import type { NewEvent } from '../../domain/history/event.js';
import type { Transaction } from '../connection/connect-database.js';
import { toJsonText, toStorableText, toText } from '../connection/postgres-text.js';
import { toEntryEvent } from './entry-event.js';
import { flatten, type FlatEntry, type RunCallLog } from './flat-entry.js';
import { projectRunData } from './project-run-data.js';

/** An entry that was not known before and of which an event tells. */
export interface ProjectedEntry {
  readonly workflowId: string;
  /** Of the end, where one entry tells of start and end. */
  readonly n: number;
  readonly event: NewEvent;
}

/** Writes rows but no events, so that a caller can put these between others. */
export async function projectCalls(tx: Transaction, logs: readonly RunCallLog[]): Promise<readonly ProjectedEntry[]> {
  const fresh = await insertEntries(tx, flatten(logs));
  await upsertCalls(
    tx,
    fresh.filter(({ entry }) => isOfCall(entry)),
  );
  await projectRunData(tx, fresh);
  const projected: ProjectedEntry[] = [];
  for (const flat of fresh) {
    const event = toEntryEvent(flat);
    if (event !== undefined) projected.push({ workflowId: flat.workflowId, n: flat.entry.ended?.n ?? flat.entry.n, event });
  }
  return projected.sort((a, b) => (a.workflowId === b.workflowId ? a.n - b.n : a.workflowId < b.workflowId ? -1 : 1));
}

/** The other phases are told by a call that goes on. */
function isOfCall({ phase }: CallEntry): boolean {
  return phase === 'started' || phase === 'completed' || phase === 'failed' || phase === 'cancelled';
}

async function insertEntries(tx: Transaction, entries: readonly FlatEntry[]): Promise<FlatEntry[]> {
  if (entries.length === 0) return [];
  const numbers = entries.map(({ runId, workflowId, entry }) => ({ runId, workflowId, n: entry.n, endedN: entry.ended?.n }));
  const { rows } = await sql<{ workflow_id: string; n: number }>`
    insert into call_entry (workflow_id, n, run_id, ended_n)
    select "workflowId", n, "runId", "endedN"
    from json_to_recordset(${JSON.stringify(numbers)}::json) as g ("runId" uuid, "workflowId" text, n int, "endedN" int)
    on conflict do nothing returning workflow_id, n`.execute(tx);
  if (rows.length === entries.length) return [...entries];
  const inserted = new Set(rows.map((row) => `${row.workflow_id}\n${row.n}`));
  return entries.filter((e) => inserted.has(`${e.workflowId}\n${e.entry.n}`));
}

interface CallChange {
  readonly runId: string;
  readonly path: string;
  readonly started?: CallEntry;
  readonly ended?: CallEnd;
}

async function upsertCalls(tx: Transaction, entries: readonly FlatEntry[]): Promise<void> {
  const changes = mergeByPath(entries);
  if (changes.length === 0) return;
  await sql`
    insert into call (run_id, path, name, version, kind, workflow_id, arguments, started_at, started_n, status, result, error, ended_at, ended_n)
    select "runId", path, name, version, kind, "workflowId", given::json, to_timestamp("startedMs" / 1000), "startedN",
      case when status = 'running' and exists (select from run where run.id = g."runId" and run.ended_at is not null) then 'cancelled' else status end,
      result::json, error::json, to_timestamp("endedMs" / 1000), "endedN"
    from json_to_recordset(${JSON.stringify(changes.map(toRecord))}::json)
      as g ("runId" uuid, path text, name text, version text, kind text, "workflowId" text, given text, "startedMs" float8, "startedN" int,
        status text, result text, error text, "endedMs" float8, "endedN" int)
    on conflict (run_id, path) do update set
      ${whereNewer('started', ['name', 'version', 'kind', 'workflow_id', 'arguments', 'started_at', 'started_n'])},
      ${whereNewer('ended', ['status', 'result', 'error', 'ended_at', 'ended_n'])}`.execute(tx);
}

/** Values of the author as texts of JSON in the JSON: what they may contain, but no text of Postgres, passes unread. */
function toRecord({ runId, path, started, ended }: CallChange) {
  return {
    ...{ runId, path: toText(path), status: ended?.phase ?? 'running' },
    ...(started !== undefined && {
      ...{
        name: started.name && toText(started.name),
        version: started.version && toText(started.version),
        kind: started.kind,
        workflowId: started.childWorkflowId,
      },
      ...{ given: JSON.stringify(started.arguments ?? {}), startedMs: started.atMs, startedN: started.n },
    }),
    ...(ended !== undefined && {
      ...{ result: toJsonText(ended.result), error: toStorableText(ended.error), endedMs: ended.atMs, endedN: ended.n },
    }),
  };
}

/** The entry with the higher number wins; a half that the change does not carry leaves the row as it is. */
function whereNewer(half: 'started' | 'ended', columns: readonly string[]) {
  const n = `${half}_n`;
  const isNewer = `excluded.${n} is not null and excluded.${n} >= coalesce(call.${n}, 0)`;
  return sql.raw(columns.map((column) => `${column} = case when ${isNewer} then excluded.${column} else call.${column} end`).join(', '));
}

/** One change per call, since a statement may touch a row only once; sorted for one lock order. */
function mergeByPath(entries: readonly FlatEntry[]): CallChange[] {
  const changes = new Map<string, CallChange>();
  for (const { runId, entry } of entries) {
    const key = `${runId}/${entry.path}`;
    const before = changes.get(key);
    const started = entry.phase === 'started' ? newer(before?.started, entry) : before?.started;
    const ended = newer(before?.ended, entry.ended ?? toEnd(entry));
    changes.set(key, { runId, path: entry.path, ...(started !== undefined && { started }), ...(ended !== undefined && { ended }) });
  }
  return [...changes].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, change]) => change);
}

function newer<T extends { readonly n: number }>(one: T | undefined, other: T | undefined): T | undefined {
  if (one === undefined || other === undefined) return one ?? other;
  return one.n > other.n ? one : other;
}

function toEnd(entry: CallEntry): CallEnd | undefined {
  return entry.phase === 'completed' || entry.phase === 'failed' || entry.phase === 'cancelled' ? (entry as CallEnd) : undefined;
}
