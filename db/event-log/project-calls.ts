// Turns call-log entries into call rows, run state, measurements and events. Entries may come twice and in any
// order: each is kept once by (workflow, n), and a row ends up the same whichever of its entries came first.

import { sql } from 'kysely';
import { unfoldEntry, type CallEntry, type CallStatus } from '../../domain/call.js';
import type { NewEvent } from '../../domain/event.js';
import type { Transaction } from '../connect-database.js';
import { toJsonText, toText } from '../postgres-text.js';
import { toEntryEvent } from './entry-event.js';
import { compareEntries, flatten, type FlatEntry, type RunCallLog } from './flat-entry.js';
import { projectRunData } from './project-run-data.js';

/** An entry that was not known before and of which an event tells. */
export interface ProjectedEntry {
  readonly workflowId: string;
  readonly n: number;
  readonly event: NewEvent;
}

/** Writes rows but no events, so that a caller can put these between others. */
export async function projectCalls(tx: Transaction, logs: readonly RunCallLog[]): Promise<readonly ProjectedEntry[]> {
  const arrived = await insertEntries(tx, flatten(logs));
  const fresh = arrived.flatMap((flat) => unfoldEntry(flat.entry).map((entry) => ({ ...flat, entry }))).sort(compareEntries);
  await upsertCalls(tx, fresh.filter(({ entry }) => isOfCall(entry)));
  await projectRunData(tx, fresh);
  return fresh.flatMap((flat) => {
    const event = toEntryEvent(flat);
    return event === undefined ? [] : [{ workflowId: flat.workflowId, n: flat.entry.n, event }];
  });
}

/** The other phases are told by a call that goes on. */
function isOfCall({ phase }: CallEntry): boolean {
  return phase === 'started' || phase === 'completed' || phase === 'failed' || phase === 'cancelled';
}

async function insertEntries(tx: Transaction, entries: readonly FlatEntry[]): Promise<FlatEntry[]> {
  if (entries.length === 0) return [];
  const { rows } = await sql<{ workflow_id: string; n: number }>`
    insert into call_entry (workflow_id, n, run_id, entry)
    select * from unnest(${entries.map((e) => e.workflowId)}::text[], ${entries.map((e) => e.entry.n)}::int[],
      ${entries.map((e) => e.runId)}::uuid[], ${entries.map((e) => toKept(e.entry))}::json[])
    on conflict do nothing returning workflow_id, n`.execute(tx);
  const inserted = new Set(rows.map((row) => `${row.workflow_id}\n${row.n}`));
  return entries.filter((e) => inserted.has(`${e.workflowId}\n${e.entry.n}`));
}

/** Whole run states would fill the table; the newest one has a row of its own. */
function toKept({ state, ...entry }: CallEntry): string {
  return JSON.stringify(state === undefined ? entry : { ...entry, state: null });
}

interface CallChange {
  readonly runId: string;
  readonly path: string;
  readonly started?: CallEntry;
  readonly ended?: CallEntry;
}

async function upsertCalls(tx: Transaction, entries: readonly FlatEntry[]): Promise<void> {
  const changes = mergeByPath(entries);
  if (changes.length === 0) return;
  const texts = (pick: (change: CallChange) => string | null | undefined): (string | null)[] => {
    return changes.map((change) => toNullableText(pick(change)));
  };
  const numbers = (pick: (change: CallChange) => number | undefined): (number | null)[] => changes.map((change) => pick(change) ?? null);
  await sql`
    insert into call (run_id, path, name, version, kind, workflow_id, arguments, started_at, started_n, status, result, error, ended_at, ended_n)
    select run_id, path, name, version, kind, workflow_id, arguments, to_timestamp(started_ms / 1000), started_n,
      case when status = 'running' and exists (select from run where run.id = g.run_id and run.ended_at is not null) then 'cancelled' else status end,
      result, error, to_timestamp(ended_ms / 1000), ended_n
    from unnest(${changes.map((change) => change.runId)}::uuid[], ${texts((c) => c.path)}::text[],
      ${texts((c) => c.started?.name)}::text[], ${texts((c) => c.started?.version)}::text[], ${texts((c) => c.started?.kind)}::text[], ${texts((c) => c.started?.childWorkflowId)}::text[],
      ${changes.map((c) => (c.started === undefined ? null : JSON.stringify(c.started.arguments ?? {})))}::json[],
      ${numbers((c) => c.started?.atMs)}::float8[], ${numbers((c) => c.started?.n)}::int[],
      ${changes.map((c) => toStatus(c.ended))}::text[],
      ${changes.map((c) => toJsonText(c.ended?.result))}::json[], ${changes.map((c) => toJsonText(c.ended?.error))}::json[],
      ${numbers((c) => c.ended?.atMs)}::float8[], ${numbers((c) => c.ended?.n)}::int[])
      as g (run_id, path, name, version, kind, workflow_id, arguments, started_ms, started_n, status, result, error, ended_ms, ended_n)
    on conflict (run_id, path) do update set
      ${whereNewer('started', ['name', 'version', 'kind', 'workflow_id', 'arguments', 'started_at', 'started_n'])},
      ${whereNewer('ended', ['status', 'result', 'error', 'ended_at', 'ended_n'])}`.execute(tx);
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
    const change = changes.get(key) ?? { runId, path: entry.path };
    const half = entry.phase === 'started' ? 'started' : 'ended';
    const other = change[half];
    changes.set(key, other !== undefined && other.n > entry.n ? change : { ...change, [half]: entry });
  }
  return [...changes].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, change]) => change);
}

function toStatus(ended: CallEntry | undefined): CallStatus {
  const phase = ended?.phase;
  return phase === 'completed' || phase === 'failed' || phase === 'cancelled' ? phase : 'running';
}

function toNullableText(value: string | null | undefined): string | null {
  return value === null || value === undefined ? null : toText(value);
}
