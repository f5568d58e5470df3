// Stops over the API while the bridge ends and is started again, on real Postgres, API and bridge: the answer says whether
// everything is stopped, and never sounds as if it were not.

import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { pino } from 'pino';
import { startJournalShipper, type JournalShipper } from '../../activities/journal-shipper.js';
import type { Listener } from '../../db/connection/listen.js';
import type { WorkcellStop } from '../../db/workcells/stop.queries.js';
import { getWorkcellSpec } from '../../db/workcells/workcell.queries.js';
import { toStopPlace } from '../../domain/workcells/bridge-place.js';
import type { Problem } from '../../domain/json/page.js';
import { endProcess } from '../../local/running-process.js';
import { serveTestApi, type TestApi } from '../../test/rig/serve-test-api.js';
import { STOP_PATIENCE_MS } from '../../contract/requests/stop-all.js';
import { startTestBridge, type TestBridge } from '../../test/rig/start-test-bridge.js';
import { takeTestRequests } from '../../test/rig/take-test-requests.js';
import { BridgeClient } from '../../workcell/bridge-client.js';

const STAR = 'star';
const ROUTE = `/api/v1/workcells/${STAR}/stop-all`;
const SHORT_PATIENCE_MS = 500;
const END_LIMIT_MS = 10_000;
const logger = pino({ level: 'silent' });

let api: TestApi;
let bridge: TestBridge;
let stopBridge: BridgeClient;
let shipper: JournalShipper;
let listener: Listener | undefined;
/** What happens as soon as the bridge has taken a stop. */
let onTaken = (): void => undefined;

beforeAll(async () => {
  api = await serveTestApi();
  bridge = await startTestBridge(await getWorkcellSpec(api.db, STAR));
  stopBridge = new BridgeClient(toStopPlace(bridge.socket));
  shipper = startJournalShipper({ db: api.db, bridge: new BridgeClient(bridge.socket), logger });
}, 120_000);
afterEach(async () => {
  onTaken = () => undefined;
  await listener?.close();
});
afterAll(async () => {
  stopBridge?.close();
  await shipper?.stop();
  await bridge?.stop();
  await api?.stop();
});

function hear(answerMarginMs?: number): void {
  const onStopChange = (): void => onTaken();
  listener = takeTestRequests({
    api,
    socket: bridge.socket,
    shipper,
    onStopChange,
    ...(answerMarginMs !== undefined && { answerMarginMs }),
  });
}

const killBridge = (): Promise<void> => endProcess(bridge.pid, 'SIGKILL', END_LIMIT_MS);

test('a bridge that ends as soon as it has taken the stop, and comes back: stopped is said, and shown', async () => {
  hear();
  let comesBack: Promise<void> | undefined;
  onTaken = () => {
    comesBack = bridge.crash();
  };
  const { status, body } = await api.post<WorkcellStop>(ROUTE, { reason: 'smoke' });
  await comesBack;
  expect([status, body.isStopped, body.reason]).toEqual([200, true, 'smoke']);
  expect((await stopBridge.request('stop.status', {})).rev).toBe(body.rev);
}, 120_000);

test('a bridge that is away when the stop comes, and is started meanwhile: it is stopped', async () => {
  hear();
  await killBridge();
  const [{ status, body }] = await Promise.all([api.post<WorkcellStop>(ROUTE, { reason: 'smoke again' }), bridge.crash()]);
  expect([status, body.isStopped, body.reason]).toEqual([200, true, 'smoke again']);
}, 120_000);

test('a bridge that stays away after it has taken the stop: that is said, with how to look', async () => {
  hear(STOP_PATIENCE_MS - SHORT_PATIENCE_MS);
  let ended: Promise<void> | undefined;
  onTaken = () => {
    ended = killBridge();
  };
  const { body } = await api.post<Problem>(ROUTE, { reason: 'steam' });
  await ended;
  expect(body).toMatchObject({
    status: 503,
    code: 'BRIDGE_UNREACHABLE',
    remedy: expect.stringContaining('praxis stop-all --status') as unknown,
  });
  expect(body.detail).toContain('Everything in star is stopped, and stays so when its bridge is started again');
  await bridge.crash();
  expect(await stopBridge.request('stop.status', {})).toMatchObject({ isStopped: true, reason: 'steam' });
}, 120_000);

test('a bridge that stays away before it could take the stop: nobody knows is said, and what to do', async () => {
  hear(STOP_PATIENCE_MS - SHORT_PATIENCE_MS);
  await killBridge();
  const { body } = await api.post<Problem>(ROUTE, { reason: 'steam' });
  expect(body).toMatchObject({
    status: 503,
    code: 'BRIDGE_UNREACHABLE',
    detail: expect.stringContaining('nobody knows whether') as unknown,
    remedy: expect.stringMatching(/stop-all --status.*emergency stop/u) as unknown,
  });
  await bridge.crash();
}, 120_000);
