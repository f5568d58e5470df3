// Labware that a person has put somewhere, all the way through on real Postgres, API and bridge: what is said, refused, and
// told nobody because nobody is there.

import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { sql } from 'kysely';
import { pino } from 'pino';
import { startJournalShipper, type JournalShipper } from '../../activities/journal-shipper.js';
import type { Labware } from '../../contract/http/assets/asset-resource.js';
import { createWorkcellAsker } from '../../api/requests/ask-workcell.js';
import type { Listener } from '../../db/connection/listen.js';
import { closeRun } from '../../db/runs/run.queries.js';
import { getWorkcellSpec } from '../../db/workcells/workcell.queries.js';
import type { JsonObject } from '../../domain/json/json.js';
import type { Page, Problem } from '../../domain/json/page.js';
import type { Run } from '../../domain/runs/run.js';
import { serveTestApi, type TestApi } from '../../test/rig/serve-test-api.js';
import { waitFor } from '../../test/rig/start-lab.js';
import { startTestBridge, type TestBridge } from '../../test/rig/start-test-bridge.js';
import { takeTestRequests } from '../../test/rig/take-test-requests.js';
import { BridgeClient } from '../../workcell/bridge-client.js';

const STAR = 'star';
const SITE_4 = { carrier: 'plate_carrier_3', site: 4 };
const OTHER_SITE = { carrier: 'plate_carrier', site: 1 };
const logger = pino({ level: 'silent' });

let api: TestApi;
let bridge: TestBridge;
let shipper: JournalShipper;
let listener: Listener;

beforeAll(async () => {
  api = await serveTestApi();
  bridge = await startTestBridge(await getWorkcellSpec(api.db, STAR));
  shipper = startJournalShipper({ db: api.db, bridge: new BridgeClient(bridge.socket), logger });
  listener = takeTestRequests({ api, socket: bridge.socket, shipper });
});
afterAll(async () => {
  await listener?.close();
  await shipper?.stop();
  await bridge?.stop();
  await api?.stop();
});

const place = <T = JsonObject>(name: string, location: unknown, more: object = { note: 'by hand' }) =>
  api.post<T>(`/api/v1/labware/${name}/place`, { location, ...more });
const readLocation = async (name: string) =>
  (await api.get<Page<Labware>>('/api/v1/labware')).body.items.find((item) => item.name === name)?.location;

test('the item stands there for bridge, lists and choice, and history tells who said so', async () => {
  expect(await place('plate_1', SITE_4)).toMatchObject({
    status: 200,
    body: { name: 'plate_1', location: SITE_4, home: { carrier: 'plate_carrier', site: 0 } },
  });
  expect(await place('plate_1', { machine: 'reader' })).toMatchObject({ status: 200, body: { location: { machine: 'reader' } } });
  expect(await readLocation('plate_1')).toEqual({ machine: 'reader' });
  const { resources } = await bridge.client.request('state.read', {});
  expect(resources['plate_1']).toMatchObject({ parent: 'reader' });
  const rows = await api.db.selectFrom('event_row').select('data').where('type', '=', 'labware.placed').orderBy('id').execute();
  expect(rows.map(({ data }) => data)).toEqual([
    expect.objectContaining({ labware: 'plate_1', location: SITE_4, by: 'local', note: 'by hand' }),
    expect.objectContaining({ labware: 'plate_1', location: { machine: 'reader' } }),
  ]);
  // A reader alone needs a plate that stands in it, whatever the description of the workcell says.
  const { rows: standing } = await sql<{
    name: string;
  }>`select a.name from asset a join labware l on l.asset_id = a.id where coalesce(l.place, l.location) ->> 'machine' = 'reader'`.execute(
    api.db,
  );
  expect(standing).toEqual([{ name: 'plate_1' }]);
});

test('what cannot be is refused and changes nothing', async () => {
  const before = await readLocation('plate_2');
  for (const [location, code] of [
    [{ carrier: 'plate_carrier', site: 999 }, 'BAD_STATEMENT'],
    [{ machine: 'reader' }, 'BAD_STATEMENT'],
    [{ machine: 'no_such_machine' }, 'BAD_STATEMENT'],
    [{ carrier: 'plate_carrier' }, 'INVALID_REQUEST'],
    [{ carrier: 'plate_carrier', machine: 'reader', site: 1 }, 'INVALID_REQUEST'],
  ] as const) {
    expect((await place<Problem>('plate_2', location)).body).toMatchObject({ code });
  }
  for (const name of ['no_such_item', STAR, '%00'])
    expect((await place<Problem>(name, SITE_4)).body).toMatchObject({ status: 404, code: 'LABWARE_ITEM_NOT_FOUND' });
  expect(await readLocation('plate_2')).toEqual(before);
});

test('an item that a run holds is left to the run', async () => {
  const { body: run } = await api.post<Run>('/api/v1/runs', { protocol: 'serial_dilution', assets: { plate: 'plate_2' } });
  expect((await place<Problem>('plate_2', SITE_4)).body).toMatchObject({
    status: 409,
    code: 'ASSET_IN_USE',
    detail: expect.stringContaining(run.id) as unknown,
  });
  await closeRun(api.db, { runId: run.id, status: 'cancelled', atMs: Date.now() });
  expect(await place('plate_2', SITE_4)).toMatchObject({ status: 200 });
});

test('with nobody there, silence is told, and nothing happens behind the back of whoever gave up', async () => {
  await listener.close();
  const before = await readLocation('plate_1');
  const asker = createWorkcellAsker(api.db, { patienceMs: 200 });
  const body = { labware: 'plate_1', location: SITE_4, note: '' };
  const wish = { workcell: STAR, body, by: 'ada', signal: new AbortController().signal };
  await expect(asker.ask('place-labware', wish)).rejects.toMatchObject({
    code: 'WORKCELL_SILENT',
    message: expect.stringContaining('nothing was done, and nothing will be') as unknown,
  });
  listener = takeTestRequests({ api, socket: bridge.socket, shipper });
  // Taken in order, so that one would have been taken before this.
  expect(await place('plate_2', SITE_4)).toMatchObject({ status: 200 });
  expect(await readLocation('plate_1')).toEqual(before);
});

test('a request that came while the worker was away is done when it is back, if its asker still waits', async () => {
  await listener.close();
  const placing = place('plate_2', OTHER_SITE);
  await waitFor('the request', async () => {
    const { rows } = await sql`select from workcell_request where taken_at is null and expires_at > now()`.execute(api.db);
    return rows.length > 0;
  });
  listener = takeTestRequests({ api, socket: bridge.socket, shipper });
  expect(await placing).toMatchObject({ status: 200, body: { location: OTHER_SITE } });
});

test('two workers of one workcell: each request is done once', async () => {
  const other = takeTestRequests({ api, socket: bridge.socket, shipper });
  const sites = [SITE_4, OTHER_SITE, SITE_4, OTHER_SITE, SITE_4, OTHER_SITE];
  const statuses: number[] = [];
  for (const location of sites) statuses.push((await place('plate_2', location, { note: 'moved' })).status);
  await other.close();
  expect(statuses).toEqual(sites.map(() => 200));
  const rows = await api.db.selectFrom('event_row').select('data').where('type', '=', 'labware.placed').execute();
  expect(rows.filter(({ data }) => data['note'] === 'moved')).toHaveLength(sites.length);
});
