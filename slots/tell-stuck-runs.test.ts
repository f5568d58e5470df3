// People are told of a run that cannot go on for as long as that lasts, whatever is away meanwhile. Postgres is real, and away
// while its tables have other names.

import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { sql } from 'kysely';
import type { Database } from '../db/connection/connect-database.js';
import { createRun } from '../db/runs/create-run.js';
import { getRun, markRunStarted } from '../db/runs/run.queries.js';
import { listStuckRuns } from '../db/inbox/stuck-run.js';
import { toRequest, useTestLab } from '../db/test-lab.js';
import type { PublishedProtocol } from '../domain/protocols/protocol.js';
import { createStuckRunTeller, type StuckRunTeller } from './tell-stuck-runs.js';
import type { Failing } from './turn-record.js';

const LOOK_INTERVAL_MS = 50;
const LIMIT_MS = 20_000;
const TEMPORAL = { address: '127.0.0.1:7491', namespace: 'other' };

let db: Database;
let runId: string;
let teller: StuckRunTeller;
const warnings: unknown[] = [];
const closed = new Set<string>();

useTestLab(async (lab: { db: Database; definition: PublishedProtocol }) => {
  ({ db } = lab);
  runId = (await createRun(db, toRequest(lab.definition))).run.id;
  await markRunStarted(db, { runId, workflowRunId: 'w', atMs: Date.now() });
});
beforeEach(async () => {
  closed.clear();
  warnings.length = 0;
  teller = await open();
});
afterEach(() => teller.close());

const open = (): Promise<StuckRunTeller> =>
  createStuckRunTeller({
    db,
    temporal: TEMPORAL,
    logger: {
      warn: (what: unknown) => {
        warnings.push(what);
      },
      error: () => undefined,
    },
    isClosed: (workflowId) => Promise.resolve(closed.has(workflowId)),
    lookIntervalMs: LOOK_INTERVAL_MS,
  });
const toPart = (name?: string) => ({ workflowId: name === undefined ? runId : `${runId}/${name}`, rootId: runId });
const fail = (times: number, given: Partial<Failing> & { name?: string } = {}): void => {
  for (let k = 1; k <= times; k++) teller.onFailing?.(toPart(given.name), { times: k, message: 'it broke', isUnrecorded: false, ...given });
};

async function expectStatus(status: string): Promise<void> {
  const end = Date.now() + LIMIT_MS;
  while ((await getRun(db, runId))?.status !== status && Date.now() < end)
    await new Promise((resolve) => setTimeout(resolve, LOOK_INTERVAL_MS));
  expect((await getRun(db, runId))?.status).toBe(status);
  expect(await listStuckRuns(db)).toEqual(status === 'needs-operator' ? [runId] : []);
}

test.each([
  ['failed', false, 3],
  ['was not recorded', true, 2],
])('a task that %s so often is told of, and the next turn that goes well ends it', async (_how, isUnrecorded, times) => {
  fail(times - 1, { isUnrecorded });
  await teller.close();
  expect(await listStuckRuns(db)).toEqual([]);
  teller = await open();
  fail(times, { isUnrecorded });
  await expectStatus('needs-operator');
  const { rows } = await sql<{ text: string }>`select subject ->> 'text' as text from inbox_item where run_id = ${runId}::uuid`.execute(db);
  expect(rows[0]?.text).toContain(`(temporal workflow terminate --address 127.0.0.1:7491 --namespace other --workflow-id ${runId})`);
  teller.onWell?.(toPart());
  await expectStatus('running');
});

test('a run goes on while Postgres is away: people hear of it when Postgres is back, without another turn', async () => {
  fail(3);
  await expectStatus('needs-operator');
  await sql`alter table inbox_item rename to inbox_item_away`.execute(db);
  teller.onWell?.(toPart());
  while (warnings.length === 0) await new Promise((resolve) => setTimeout(resolve, LOOK_INTERVAL_MS));
  await sql`alter table inbox_item_away rename to inbox_item`.execute(db);
  await expectStatus('running');
});

test('a nested call that is ended alone holds the alarm no longer; another that is stuck does', async () => {
  fail(3, { name: 'one' });
  fail(3, { name: 'two' });
  await expectStatus('needs-operator');
  closed.add(`${runId}/one`);
  teller.onWell?.(toPart('two'));
  await expectStatus('running');
  fail(3, { name: 'three' });
  fail(3, { name: 'four' });
  await expectStatus('needs-operator');
  closed.add(`${runId}/three`);
  teller.onWell?.(toPart());
  await new Promise((resolve) => setTimeout(resolve, LOOK_INTERVAL_MS * 3));
  await expectStatus('needs-operator');
});

test('what an earlier process has told of ends with the first turn that goes well, or with the run', async () => {
  fail(3);
  await expectStatus('needs-operator');
  await teller.close();
  teller = await open();
  teller.onWell?.(toPart('one'));
  await expectStatus('running');
  fail(3);
  await expectStatus('needs-operator');
  await teller.close();
  teller = await open();
  closed.add(runId);
  await expectStatus('running');
});
