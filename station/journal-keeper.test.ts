// Greetings on real Postgres and bridges. Of a bridge that comes back with an empty journal: what the lab knows to have ended is
// answered and not sent again, and what was ended from outside stays so. Of one that moves meanwhile: its journal is whole.

import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { sql } from 'kysely';
import { pino } from 'pino';
import { startJournalShipper } from '../activities/journal-shipper.js';
import { noteEndedCall } from '../db/runs/lost-run.queries.js';
import { closeRun } from '../db/runs/run-status.js';
import { readRunFence } from '../db/assets/replaceable.queries.js';
import { getWorkcellSpec } from '../db/workcells/workcell.queries.js';
import type { Run } from '../domain/runs/run.js';
import { serveTestApi, type TestApi } from '../test/rig/serve-test-api.js';
import { startTestBridge, type TestBridge } from '../test/rig/start-test-bridge.js';
import { BridgeClient, type Link } from '../workcell/bridge-client.js';
import { createLostRunFence } from './fence-lost-runs.js';
import { createJournalKeeper } from './journal-keeper.js';

const STAR = 'star';
const logger = pino({ level: 'silent' });

let api: TestApi;
let before: TestBridge;
let after: TestBridge;

beforeAll(async () => {
  api = await serveTestApi();
  const spec = await getWorkcellSpec(api.db, STAR);
  before = await startTestBridge(spec);
  after = await startTestBridge(spec);
});
afterAll(async () => {
  await before?.stop();
  await after?.stop();
  await api?.stop();
});

const startRun = async (): Promise<Run> => (await api.post<Run>('/api/v1/runs', { protocol: 'serial_dilution' })).body;
const isFenced = async (scope: string) => (await after.client.request('run.hold', { runId: scope, rev: 1, isHeld: false })).isHeld;
const findRow = async (id: string) => (await after.client.request('command.status', { id })).phase;

test('a journal that is accepted knows the ends that Postgres knows, and what was ended from outside', async () => {
  const keeper = createJournalKeeper({ db: api.db, workcell: STAR, logger, now: Date.now });
  await keeper.greet(before.client);
  const over = await startRun();
  await closeRun(api.db, {
    runId: over.id,
    status: 'failed',
    error: { code: 'RUN_TERMINATED', message: 'ended outside' },
    atMs: Date.now(),
  });
  const run = await startRun();
  await noteEndedCall(api.db, { runId: run.id, workflowId: `${run.id}/watcher/mover.1`, atMs: Date.now() });
  const use = { runId: run.id, rack: 'tips_1', position: 'A1', fence: await readRunFence(api.db, run.id) };
  const outcomes = await before.useTip(use);
  const shipper = startJournalShipper({ db: api.db, bridge: new BridgeClient(before.socket), logger });
  await shipper.catchUp();
  await shipper.stop();

  await keeper.greet(after.client);
  expect((await after.client.request('hello', {})).lost).not.toBeNull();
  await keeper.accept(after.client, { by: 'ada', note: 'looked' });
  expect(await findRow(`${run.id}/test/A1.on`)).toBe('ended');
  const again = await after.useTip(use);
  expect(again).toEqual(outcomes.map((outcome) => ({ ...outcome, sends: 0 })));
  // Answered, not carried out: the new deck still has its tip.
  expect(await after.hasTip('tips_1', 'A1')).toBe(true);
  expect(await isFenced(over.id)).toBe(true);
  expect(await isFenced(`${run.id}/watcher/mover.1`)).toBe(true);
  expect(await isFenced(run.id)).toBe(false);
}, 120_000);

test('what was ended from outside while a connection was away is fenced before anything else is heard on the next one', async () => {
  const fence = createLostRunFence({ db: api.db, workcell: STAR, logger });
  const keeper = createJournalKeeper({ db: api.db, workcell: STAR, logger, now: Date.now, fence });
  const over = await startRun();
  await closeRun(api.db, {
    runId: over.id,
    status: 'failed',
    error: { code: 'RUN_TERMINATED', message: 'ended outside' },
    atMs: Date.now(),
  });
  const fresh = new BridgeClient(after.socket, (link) => keeper.greet(link));
  const told = await fresh.request('run.hold', { runId: over.id, rev: 1, isHeld: false });
  expect(told.isHeld).toBe(true);
  fence.close();
  fresh.close();
}, 120_000);

test('rows that are shipped while a bridge greets do not make its journal an older copy', async () => {
  // With a database of its own: the workcell has no other journal yet.
  const own = await serveTestApi();
  const bridge = await startTestBridge(await getWorkcellSpec(own.db, STAR));
  const shipper = startJournalShipper({ db: own.db, bridge: new BridgeClient(bridge.socket), logger });
  try {
    const keeper = createJournalKeeper({ db: own.db, workcell: STAR, logger, now: Date.now });
    await keeper.greet(bridge.client);
    const run = (await own.post<Run>('/api/v1/runs', { protocol: 'serial_dilution' })).body;
    await shipper.catchUp();
    let hellos = 0;
    const link: Link = {
      request: async (method, params) => {
        const reply = await bridge.client.request(method, params);
        if (method === 'hello' && (hellos += 1) === 1) {
          await bridge.useTip({ runId: run.id, rack: 'tips_1', position: 'A1', fence: await readRunFence(own.db, run.id) });
          await shipper.catchUp();
        }
        return reply;
      },
    };
    await keeper.greet(link);
    const { lost } = await bridge.client.request('hello', {});
    expect(lost).toBeNull();
    // Else nothing would have been shipped beside the greeting.
    expect(hellos).toBe(2);
  } finally {
    await shipper.stop();
    await bridge.stop();
    await own.stop();
  }
}, 120_000);

test('the first greeting waits for a Postgres that is slow to answer: nothing is known that could count instead', async () => {
  const own = await serveTestApi();
  const bridge = await startTestBridge(await getWorkcellSpec(own.db, STAR));
  try {
    const keeper = createJournalKeeper({ db: own.db, workcell: STAR, logger, now: Date.now });
    let greeting: Promise<void> | undefined;
    await own.db.transaction().execute(async (tx) => {
      await sql`lock table workcell in access exclusive mode`.execute(tx);
      greeting = keeper.greet(bridge.client);
      greeting.catch(() => undefined);
      // Longer than is waited for where something is known.
      await sql`select pg_sleep(2.5)`.execute(tx);
    });
    await greeting;
    expect((await bridge.client.request('hello', {})).lost).toBeNull();
  } finally {
    await bridge.stop();
    await own.stop();
  }
}, 120_000);

test('what was asked for before a journal was lost is in doubt, also where the clock was set back in between', async () => {
  const own = await serveTestApi();
  const spec = await getWorkcellSpec(own.db, STAR);
  const [lost, next] = [await startTestBridge(spec), await startTestBridge(spec)];
  try {
    await createJournalKeeper({ db: own.db, workcell: STAR, logger, now: Date.now }).greet(lost.client);
    const run = (await own.post<Run>('/api/v1/runs', { protocol: 'serial_dilution' })).body;
    const askedAtMs = Date.now();
    const keeper = createJournalKeeper({ db: own.db, workcell: STAR, logger, now: () => Date.now() - 300_000 });
    await keeper.greet(next.client);
    await keeper.accept(next.client, { by: 'ada', note: 'looked' });
    const command = { id: `${run.id}/serial_dilution/1/0`, machine: STAR, fence: (await readRunFence(own.db, run.id)) ?? 0 };
    expect((await next.client.request('command.status', { ...command, askedAtMs })).phase).toBe('sent');
    expect((await next.client.request('command.status', { ...command, askedAtMs: askedAtMs + 60_000 })).phase).toBe('never-seen');
  } finally {
    await lost.stop();
    await next.stop();
    await own.stop();
  }
}, 120_000);
