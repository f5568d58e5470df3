// Reads the tables of Postgres that the checker judges, in one snapshot.

import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import type { DatabaseRows } from './evidence.js';

const QUERIES: Readonly<Record<keyof DatabaseRows, string>> = {
  runs: `select id, status, result, error->>'code' as "errorCode", error->>'message' as "errorMessage", fence::int, started_at as "startedAtMs", ended_at as "endedAtMs" from run`,
  runAssets: 'select run_id as "runId", asset_id as "assetId", name, kind, hold from run_asset',
  reservations: 'select asset_id as "assetId", run_id as "runId", fence::int, use_id as "useId" from reservation',
  idempotencyKeys: 'select created_by as "createdBy", key, run_id as "runId" from idempotency_key',
  commands:
    'select id, ordinal::int, run_id as "runId", call_path as "callPath", retry, machine, method, status, result from command order by ordinal',
  calls:
    'select run_id as "runId", path, kind, status, result, started_n as "startedN", ended_n as "endedN", workflow_id as "workflowId" from call',
  callEntries: `select workflow_id as "workflowId", n, ended_n as "endedN", run_id as "runId" from call_entry`,
  inbox: 'select id, run_id as "runId", status, subject, answer, answered_by as "answeredBy" from inbox_item',
  // One without a position comes last and is a gap.
  events:
    'select p.pos::int, p.seq::int, e.type, e.run_id as "runId", e.data from event_row e left join event_position p using (id) order by p.pos nulls last',
  journalRows: 'select bridge_id as "bridgeId", row::int, kind, skipped from journal_row order by bridge_id, row',
};

/** Positions follow a commit within milliseconds, and within a second whatever has died. */
const PLACED_WITHIN_MS = 5_000;
const LOOK_AGAIN_MS = 50;

export async function readDatabase(url: string): Promise<DatabaseRows> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await waitUntilPlaced(client);
    await client.query('begin isolation level repeatable read read only');
    const found: Record<string, unknown> = {};
    for (const [name, query] of Object.entries(QUERIES)) {
      const { rows } = await client.query<Record<string, unknown>>(query);
      found[name] = rows.map(toMilliseconds);
    }
    return found as unknown as DatabaseRows;
  } finally {
    await client.end();
  }
}

async function waitUntilPlaced(client: pg.Client): Promise<void> {
  const untilMs = performance.now() + PLACED_WITHIN_MS;
  while (performance.now() < untilMs) {
    const { rows } = await client.query<{ isPlaced: boolean }>(
      'select (select count(*) from event_row) = (select count(*) from event_position) as "isPlaced"',
    );
    if (rows[0]?.isPlaced === true) return;
    await sleep(LOOK_AGAIN_MS);
  }
}

function toMilliseconds(row: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(row).map(([name, value]) => [name, value instanceof Date ? value.getTime() : value]));
}
