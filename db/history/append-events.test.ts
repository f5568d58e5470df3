// History on a real Postgres: numbers without gaps for the lab and for each run, and batches as large as a journal brings.

import { randomUUID } from 'node:crypto';
import { expect, test } from '@jest/globals';
import { sql } from 'kysely';
import type { NewEvent } from '../../domain/history/event.js';
import type { Database } from '../connection/connect-database.js';
import { createRun } from '../runs/create-run.js';
import { latestPos } from './event.queries.js';
import { placeEvents, toRequest, useTestLab } from '../test-lab.js';
import { appendEvents } from './append-events.js';

/** What 4 MiB of the journal hold of short calls; a statement may take 10 s. */
const LARGEST_BATCH = 20_000;

let db: Database;
let runId: string;

useTestLab(async (lab) => {
  ({ db } = lab);
  runId = (await createRun(db, toRequest(lab.definition))).run.id;
});

/** Returns the position of the last event of the lab. */
async function append(events: readonly NewEvent[]): Promise<number> {
  await db.transaction().execute((tx) => appendEvents(tx, events));
  await placeEvents(db);
  return await latestPos(db);
}

const toEvent = (id: string | null, n: number): NewEvent => ({ type: 'call.started', atMs: n, runId: id, data: { workflowId: 'w', n } });

async function readNumbers(id: string | null, afterPos: number): Promise<readonly { pos: number; seq: number | null; n: number }[]> {
  const { rows } = await sql<{ pos: number; seq: number | null; n: number }>`
    select pos::int, seq::int, (data->>'n')::int as n from event where run_id is not distinct from ${id}::uuid and pos > ${afterPos} order by pos`.execute(
    db,
  );
  return rows;
}

test('runs count on by themselves, whatever stands between; events of no run have no number of a run', async () => {
  const start = await append([toEvent(runId, 0)]);
  const [{ seq: before } = { seq: 0 }] = await readNumbers(runId, start - 1);
  const other = randomUUID();
  await append([toEvent(other, 1), toEvent(runId, 2), toEvent(null, 3), toEvent(other, 4), toEvent(runId, 5)]);
  await append([toEvent(runId, 6), toEvent(other, 7)]);
  expect(await readNumbers(runId, start)).toEqual([2, 5, 6].map((n, k) => ({ pos: start + [2, 5, 6][k]!, seq: (before ?? 0) + k + 1, n })));
  expect(await readNumbers(other, start)).toEqual([1, 4, 7].map((n, k) => ({ pos: start + n, seq: k + 1, n })));
  expect(await readNumbers(null, start)).toEqual([{ pos: start + 3, seq: null, n: 3 }]);
});

test('a batch as large as a journal brings is taken at once', async () => {
  const last = await append(Array.from({ length: LARGEST_BATCH }, (_, n) => toEvent(runId, n)));
  const { rows } = await sql<{ events: number; highest: number }>`
    select count(*)::int as events, max(seq)::int as highest from event where run_id = ${runId}`.execute(db);
  expect(rows[0]?.events).toBe(rows[0]?.highest);
  expect(rows[0]?.events).toBeGreaterThan(LARGEST_BATCH);
  expect(last).toBeGreaterThan(LARGEST_BATCH);
});
