// What a run used that was ended from outside is fresh again, once, on real Postgres and bridge; a later run
// that is at work there is left alone.

import { symlink } from 'node:fs/promises';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { pino } from 'pino';
import { startJournalShipper, type JournalShipper } from '../activities/journal-shipper.js';
import type { Listener } from '../db/connection/listen.js';
import { releaseMachine } from '../db/assets/asset.queries.js';
import { readRunFence } from '../db/assets/replaceable.queries.js';
import { noteEndedCall, tellRunIsOver } from '../db/runs/lost-run.queries.js';
import { closeRun } from '../db/runs/run-status.js';
import { getWorkcellSpec } from '../db/workcells/workcell.queries.js';
import { toReleaseRequestId } from '../domain/values/ids.js';
import type { Run } from '../domain/runs/run.js';
import { serveTestApi, type TestApi } from '../test/rig/serve-test-api.js';
import { waitFor } from '../test/rig/start-lab.js';
import { startTestBridge, type TestBridge } from '../test/rig/start-test-bridge.js';
import { BridgeClient } from '../workcell/bridge-client.js';
import { createLostRunFence, type LostRunFence } from './fence-lost-runs.js';
import { refreshConsumables } from './refresh-consumables.js';

const STAR = 'star';
const FENCE_ABOVE_ALL = 1_000_000;

let api: TestApi;
let bridge: TestBridge;
let shipper: JournalShipper;
let listener: Listener;
let fence: LostRunFence;
let logged: string[];
let testsBegun = 0;

beforeAll(async () => {
  api = await serveTestApi();
  bridge = await startTestBridge(await getWorkcellSpec(api.db, STAR));
  shipper = startJournalShipper({ db: api.db, bridge: new BridgeClient(bridge.socket), logger: pino({ level: 'silent' }) });
});
afterAll(async () => {
  await shipper?.stop();
  await bridge?.stop();
  await api?.stop();
});
beforeEach(() => {
  testsBegun += 1;
  logged = [];
});
afterEach(async () => {
  fence.close();
  await listener.close();
});

function listen(client = bridge.client): void {
  const logger = pino({ level: 'debug' }, { write: (line: string) => void logged.push(line) });
  fence = createLostRunFence({ db: api.db, workcell: STAR, logger });
  listener = refreshConsumables({ url: api.postgres.url, db: api.db, bridge: client, workcell: STAR, logger, fence });
}

/** A run that holds its assets and has used up one tip. */
async function startUsingRun(position: string): Promise<{ run: Run; fence: number }> {
  const { body: run } = await api.post<Run>('/api/v1/runs', { protocol: 'serial_dilution' });
  const fence = await readRunFence(api.db, run.id);
  await bridge.useTip({ runId: run.id, rack: 'tips_1', position, fence });
  expect(await bridge.hasTip('tips_1', position)).toBe(false);
  return { run, fence };
}

/** As the reconciler does it. */
async function closeFromOutside(run: Run): Promise<void> {
  const error = { code: 'RUN_TERMINATED', message: 'ended outside' };
  await closeRun(api.db, { runId: run.id, status: 'failed', error, atMs: Date.now() });
}

async function listRefreshesOf(runId: string): Promise<readonly unknown[]> {
  await shipper.catchUp();
  const rows = await api.db
    .selectFrom('event_row')
    .select('data')
    .where('run_id', '=', runId)
    .where('type', '=', 'labware.replaced')
    .execute();
  return rows.map(({ data }) => data);
}

const waitForLog = (text: string) =>
  waitFor(`the log to say: ${text}`, async () => logged.some((line) => line.includes(text)), { explain: () => logged.join('') });

test('when its row is closed, all of it once, and never what another run made fresh', async () => {
  listen();
  const position = `A${testsBegun}`;
  const { run } = await startUsingRun(position);
  await closeFromOutside(run);
  await waitForLog('are fresh');
  expect(await bridge.hasTip('tips_1', position)).toBe(true);
  const refreshes = await listRefreshesOf(run.id);
  expect(refreshes).toEqual([
    expect.objectContaining({ requestId: toReleaseRequestId(run.id), labware: ['plate_1', 'tips_1', 'diluent_1'] }),
  ]);
  // Every release of the machine has the newest run looked at; it is as it was.
  logged = [];
  await releaseMachine(api.db, { machineId: STAR, atMs: Date.now(), releasedBy: 'ada', note: 'looked' });
  await waitForLog('are fresh');
  expect(await listRefreshesOf(run.id)).toEqual(refreshes);
});

test('when the worker starts, where the run ended while it was away', async () => {
  const position = `A${testsBegun}`;
  const { run } = await startUsingRun(position);
  await closeFromOutside(run);
  expect(await bridge.hasTip('tips_1', position)).toBe(false);
  listen();
  await waitFor('the tip', () => bridge.hasTip('tips_1', position));
  expect(await listRefreshesOf(run.id)).toHaveLength(1);
});

test('not while the run goes on', async () => {
  const position = `A${testsBegun}`;
  const { run } = await startUsingRun(position);
  listen();
  await closeFromOutside(run);
  await waitForLog('are fresh');
  const next = await startUsingRun(position);
  logged = [];
  await releaseMachine(api.db, { machineId: STAR, atMs: Date.now(), releasedBy: 'ada', note: 'looked' });
  await closeFromOutside(next.run);
  await waitForLog('are fresh');
  // One look found an open run and did nothing, the other made its labware fresh.
  expect(await listRefreshesOf(next.run.id)).toHaveLength(1);
  expect(await listRefreshesOf(run.id)).toHaveLength(1);
});

test('also while a later run is at work on the machine beside it, and never what a later run was granted', async () => {
  const position = `A${testsBegun}`;
  const { run, fence } = await startUsingRun(position);
  await bridge.useTip({ runId: 'later', rack: 'tips_2', position, fence: fence + 1 });
  await closeFromOutside(run);
  const next = await startUsingRun(`B${testsBegun}`);
  listen();
  await closeFromOutside(next.run);
  await waitForLog('are fresh');
  expect(await bridge.hasTip('tips_1', `B${testsBegun}`)).toBe(true);
  expect(await listRefreshesOf(run.id)).toEqual([]);
  // The later run's commands are not superseded by any of it.
  const outcomes = await bridge.useTip({ runId: 'later', rack: 'tips_2', position: `C${testsBegun}`, fence: next.fence + 1 });
  expect(outcomes.map((outcome) => outcome.status)).toEqual(['completed', 'completed']);
});

test('a hold goes with the run that it held, also where the run ended while the worker was away; that of an open run stays', async () => {
  const hold = (run: Run) => bridge.client.request('run.hold', { runId: run.id, rev: 3, isHeld: true });
  const listHeld = async () => (await bridge.client.request('hello', {})).heldRuns;
  const endByItself = (run: Run) => closeRun(api.db, { runId: run.id, status: 'cancelled', atMs: Date.now() });
  const { body: away } = await api.post<Run>('/api/v1/runs', { protocol: 'serial_dilution' });
  await hold(away);
  await endByItself(away);
  listen();
  await waitFor('the first hold to be lifted', async () => (await listHeld()).length === 0);
  const { body: ended } = await api.post<Run>('/api/v1/runs', { protocol: 'serial_dilution' });
  const { body: open } = await api.post<Run>('/api/v1/runs', { protocol: 'serial_dilution' });
  await hold(ended);
  await hold(open);
  await endByItself(ended);
  await waitFor('the second hold to be lifted', async () => !(await listHeld()).includes(ended.id));
  expect(await listHeld()).toEqual([open.id]);
  // What comes late is older than the end.
  expect(await hold(ended)).toMatchObject({ isHeld: false });
  await endByItself(open);
});

test('nothing of a run that was ended from outside begins any more: from when it is told, and where the worker was away', async () => {
  const isFenced = async (run: Run) => (await bridge.client.request('run.hold', { runId: run.id, rev: 1, isHeld: false })).isHeld;
  const { body: away } = await api.post<Run>('/api/v1/runs', { protocol: 'serial_dilution' });
  await closeFromOutside(away);
  listen();
  await waitFor('the fence of the first run', () => isFenced(away));
  const { body: run } = await api.post<Run>('/api/v1/runs', { protocol: 'serial_dilution' });
  const { body: other } = await api.post<Run>('/api/v1/runs', { protocol: 'serial_dilution' });
  await tellRunIsOver(api.db, run.id);
  await waitFor('the fence of the second run', () => isFenced(run));
  expect(await isFenced(other)).toBe(false);
  const outcome = bridge.useTip({ runId: run.id, rack: 'tips_1', position: 'H12', fence: FENCE_ABOVE_ALL });
  await expect(outcome).rejects.toMatchObject({ code: 'RUN_HELD' });
  await closeFromOutside(run);
  await waitFor('the row to be closed and told', async () => logged.some((line) => line.includes(run.id)));
  expect(await isFenced(run)).toBe(true);
});

test('nothing of a call that was ended from outside begins any more, while its run goes on; where the worker was away, too', async () => {
  const { body: run } = await api.post<Run>('/api/v1/runs', { protocol: 'serial_dilution' });
  const isFenced = async (path: string) =>
    (await bridge.client.request('run.hold', { runId: `${run.id}/${path}`, rev: 1, isHeld: false })).isHeld;
  const end = (path: string) => noteEndedCall(api.db, { runId: run.id, workflowId: `${run.id}/${path}`, atMs: Date.now() });
  await end('watcher/mover.1');
  listen();
  await waitFor('the fence of the first call', () => isFenced('watcher/mover.1'));
  await end('watcher(2.1)/mover.1');
  await waitFor('the fence of the second call', () => isFenced('watcher(2.1)/mover.1'));
  expect(await isFenced('watcher')).toBe(false);
  await closeFromOutside(run);
});

test('what is ended while the bridge is away is told as soon as it is back', async () => {
  const isFenced = async (run: Run) => (await bridge.client.request('run.hold', { runId: run.id, rev: 1, isHeld: false })).isHeld;
  const socket = `${bridge.socket}.later`;
  const away = new BridgeClient(socket);
  const { body: run } = await api.post<Run>('/api/v1/runs', { protocol: 'serial_dilution' });
  listen(away);
  await tellRunIsOver(api.db, run.id);
  await waitForLog('is not fenced yet');
  await symlink(bridge.socket, socket);
  await waitFor('the fence of the run', () => isFenced(run));
  fence.close();
  away.close();
  await closeFromOutside(run);
});
