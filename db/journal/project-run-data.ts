// Keeps what a run says of its state and its measurements. Entries come here once each, in any order.

import { sql } from 'kysely';
import type { Transaction } from '../connection/connect-database.js';
import { toJsonText, toText } from '../connection/postgres-text.js';
import type { FlatEntry } from './flat-entry.js';

export async function projectRunData(tx: Transaction, entries: readonly FlatEntry[]): Promise<void> {
  await keepNewestStates(tx, entries);
  await insertData(
    tx,
    entries.filter(({ entry }) => entry.phase === 'data'),
  );
}

/** Only the root workflow, whose id is that of the run, knows the state of the run. */
async function keepNewestStates(tx: Transaction, entries: readonly FlatEntry[]): Promise<void> {
  const newest = new Map<string, FlatEntry>();
  for (const flat of entries) {
    if (flat.entry.phase !== 'state' || flat.workflowId !== flat.runId) continue;
    if (flat.entry.n > (newest.get(flat.runId)?.entry.n ?? 0)) newest.set(flat.runId, flat);
  }
  const states = [...newest.values()].sort((a, b) => (a.runId < b.runId ? -1 : 1));
  if (states.length === 0) return;
  await sql`
    insert into run_state (run_id, state, n)
    select * from unnest(${states.map(({ runId }) => runId)}::uuid[], ${states.map(({ entry }) => JSON.stringify(entry.state ?? {}))}::json[],
      ${states.map(({ entry }) => entry.n)}::int[])
    on conflict (run_id) do update set state = excluded.state, n = excluded.n where excluded.n > run_state.n`.execute(tx);
}

async function insertData(tx: Transaction, entries: readonly FlatEntry[]): Promise<void> {
  if (entries.length === 0) return;
  await sql`
    insert into run_data (run_id, name, call_path, at, value, command_id)
    select run_id, name, call_path, to_timestamp(at_ms / 1000), value, command_id
    from unnest(${entries.map(({ runId }) => runId)}::uuid[], ${entries.map(({ entry }) => toText(entry.data?.name ?? ''))}::text[],
      ${entries.map(({ entry }) => toText(entry.path))}::text[], ${entries.map(({ entry }) => entry.atMs)}::float8[],
      ${entries.map(({ entry }) => toJsonText(entry.data?.value))}::json[],
      ${entries.map(({ entry }) => (entry.data?.commandId === undefined ? null : toText(entry.data.commandId)))}::text[]) with ordinality
      as g (run_id, name, call_path, at_ms, value, command_id, place) order by place`.execute(tx);
}
