// Connecting a machine by hand all the way through, on real Postgres, API and bridge: one that is ready, one whose
// setup fails because nothing is plugged in, and nobody there to answer.

import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { pino } from 'pino';
import { startJournalShipper, type JournalShipper } from '../../activities/journal-shipper.js';
import { createWorkcellAsker } from '../../api/requests/ask-workcell.js';
import type { Listener } from '../../db/connection/listen.js';
import { applyWorkcell, getWorkcellSpec } from '../../db/workcells/workcell.queries.js';
import type { WorkcellSpec } from '../../domain/workcells/workcell-spec.js';
import type { Problem } from '../../domain/json/page.js';
import { serveTestApi, type TestApi } from '../../test/rig/serve-test-api.js';
import { startTestBridge, type TestBridge } from '../../test/rig/start-test-bridge.js';
import { takeTestRequests } from '../../test/rig/take-test-requests.js';
import { BridgeClient } from '../../workcell/bridge-client.js';

const STAR = 'star';
const REAL_ARM = {
  name: 'real_arm',
  frontend: 'ExperimentalSCARA',
  backend: 'PreciseFlex400Backend',
  backendArguments: { host: '127.0.0.1', port: 9 },
  mode: 'hardware',
} as const;
const logger = pino({ level: 'silent' });

let api: TestApi;
let bridge: TestBridge;
let shipper: JournalShipper;
let listener: Listener;

beforeAll(async () => {
  api = await serveTestApi();
  const demo = await getWorkcellSpec(api.db, STAR);
  const spec: WorkcellSpec = { ...demo, machines: [...demo.machines, REAL_ARM] };
  await applyWorkcell(api.db, spec);
  bridge = await startTestBridge(spec);
  shipper = startJournalShipper({ db: api.db, bridge: new BridgeClient(bridge.socket), logger });
  listener = takeTestRequests({ api, socket: bridge.socket, shipper });
});
afterAll(async () => {
  await listener?.close();
  await shipper?.stop();
  await bridge?.stop();
  await api?.stop();
});

const connect = <T>(name: string, body: object = { note: 'deck is clear' }) => api.post<T>(`/api/v1/machines/${name}/connect`, body);

test('a machine that is ready stays so', async () => {
  expect(await connect('star')).toMatchObject({ status: 200, body: { name: 'star', status: 'available' } });
});

test('one whose setup fails says why, and history tells who tried', async () => {
  const { status, body } = await connect<Problem>('real_arm');
  expect({ status, code: body.code }).toEqual({ status: 409, code: 'MACHINE_NOT_READY' });
  expect(body.detail).toMatch(/^real_arm is not connected: its setup failed: /u);
  await shipper.catchUp();
  const rows = await api.db.selectFrom('event_row').select('data').where('type', '=', 'machine.connecting').execute();
  expect(rows.map(({ data }) => data)).toEqual([expect.objectContaining({ machine: 'real_arm', by: 'local', note: 'deck is clear' })]);
});

test('an unknown machine, a labware item and a body that does not fit are refused', async () => {
  for (const name of ['no_such_machine', 'plate_1', '%00']) {
    const { status, body } = await connect<Problem>(name);
    expect({ status, code: body.code, field: body.field }).toEqual({ status: 404, code: 'MACHINE_NOT_FOUND', field: 'name' });
  }
  expect((await connect<Problem>('star', { force: true })).body).toMatchObject({ status: 400, code: 'INVALID_REQUEST' });
});

test('with nobody there, silence is told', async () => {
  await listener.close();
  const asker = createWorkcellAsker(api.db, { patienceMs: 200 });
  const wish = { workcell: STAR, body: { machine: 'star', note: '' }, by: 'ada', signal: new AbortController().signal };
  await expect(asker.ask('connect-machine', wish)).rejects.toMatchObject({
    code: 'WORKCELL_SILENT',
    message: expect.stringContaining('nothing was done') as unknown,
  });
});
