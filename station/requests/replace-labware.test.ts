// A replacement all the way through, on real Postgres, API and bridge: what was done is in history, what was
// refused is told by its own code, and where nobody answers that is told too.

import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { sql } from 'kysely';
import { createWorkcellAsker } from '../../api/requests/ask-workcell.js';
import { startJournalShipper, type JournalShipper } from '../../activities/journal-shipper.js';
import type { Listener } from '../../db/connection/listen.js';
import { closeRun } from '../../db/runs/run-status.js';
import { getWorkcellSpec } from '../../db/workcells/workcell.queries.js';
import type { JsonObject } from '../../domain/json/json.js';
import type { Problem } from '../../domain/json/page.js';
import type { Run } from '../../domain/runs/run.js';
import { createLogger } from '../../platform/logging.js';
import { serveTestApi, type TestApi } from '../../test/rig/serve-test-api.js';
import { waitFor } from '../../test/rig/start-lab.js';
import { startTestBridge, type TestBridge } from '../../test/rig/start-test-bridge.js';
import { takeTestRequests } from '../../test/rig/take-test-requests.js';
import { BridgeClient } from '../../workcell/bridge-client.js';

/** Long enough for a request to arrive within a motion. */
const MOTION_S = 0.5;
const STAR = 'star';
/** Without the API's ear the answer is read when the waiting ends. */
const SHORT_PATIENCE_MS = 1_500;

let api: TestApi;
let bridge: TestBridge;
let shipper: JournalShipper;
let listener: Listener;
let tipsUsed = 0;

beforeAll(async () => {
  api = await serveTestApi();
  bridge = await startTestBridge(await getWorkcellSpec(api.db, STAR), MOTION_S);
  shipper = startJournalShipper({ db: api.db, bridge: new BridgeClient(bridge.socket), logger: createLogger('test', 'fatal') });
  listener = takeTestRequests({ api, socket: bridge.socket, shipper });
});
afterAll(async () => {
  await listener?.close();
  await shipper?.stop();
  await bridge?.stop();
  await api?.stop();
});
beforeEach(() => {
  tipsUsed += 1;
});

const replace = <T = JsonObject>(name: string) => api.post<T>(`/api/v1/labware/${name}/replace`, {});

async function listReplacements(): Promise<readonly { runId: string | null; labware: readonly string[] }[]> {
  const { rows } = await sql<{ runId: string | null; labware: readonly string[] }>`
    select run_id as "runId", data->'labware' as labware from event_row where type = 'labware.replaced' order by id`.execute(api.db);
  return rows;
}

async function startRun(): Promise<{ run: Run; fence: number }> {
  const { body: run } = await api.post<Run>('/api/v1/runs', { protocol: 'serial_dilution' });
  const { fence } = await api.db.selectFrom('run').select('fence').where('id', '=', run.id).executeTakeFirstOrThrow();
  if (fence === null) throw new Error(`Run ${run.id} was not granted its assets.`);
  return { run, fence };
}

async function endRun(run: Run): Promise<void> {
  await closeRun(api.db, { runId: run.id, status: 'cancelled', atMs: Date.now() });
}

test('a used item is fresh again, by name and by id, and history tells of it', async () => {
  const position = `A${tipsUsed}`;
  await bridge.useTip({ runId: 'earlier', rack: 'tips_2', position, fence: 0 });
  expect(await bridge.hasTip('tips_2', position)).toBe(false);
  const { status, body } = await replace('tips_2');
  expect({ status, body }).toMatchObject({ status: 200, body: { name: 'tips_2', status: 'available' } });
  expect(await bridge.hasTip('tips_2', position)).toBe(true);
  expect((await listReplacements()).at(-1)).toEqual({ runId: null, labware: ['tips_2'] });
  expect((await replace(body['id'] as string)).body).toMatchObject({ name: 'tips_2' });
});

describe('refused', () => {
  test('an unknown item, and a machine, which is none', async () => {
    for (const name of ['no_such_item', STAR, '%00', 'a%20b']) {
      const before = await api.countRows();
      const { status, body } = await replace<Problem>(name);
      expect({ status, code: body.code, field: body.field }).toEqual({ status: 404, code: 'LABWARE_ITEM_NOT_FOUND', field: 'name' });
      expect(await api.countRows()).toEqual(before);
    }
  });

  test('an item that a run holds, naming the run; another item of the same workcell is not', async () => {
    const { run, fence } = await startRun();
    const before = await listReplacements();
    const { status, body } = await replace<Problem>('plate_1');
    expect({ status, code: body.code }).toEqual({ status: 409, code: 'ASSET_IN_USE' });
    expect(body.detail).toContain(`${run.id} (serial_dilution)`);
    expect(await listReplacements()).toEqual(before);
    expect((await replace('plate_2')).status).toBe(200);
    // The run that has the machine goes on with the fence it was granted.
    const outcomes = await bridge.useTip({ runId: run.id, rack: 'tips_1', position: `A${tipsUsed}`, fence });
    expect(outcomes.map((outcome) => outcome.status)).toEqual(['completed', 'completed']);
    await endRun(run);
  });

  test('an item that was claimed after the API looked: the worker looks again', async () => {
    const { run } = await startRun();
    const before = await listReplacements();
    const wish = { workcell: STAR, body: { labware: 'plate_1' }, by: 'ada', signal: new AbortController().signal };
    await expect(createWorkcellAsker(api.db, { patienceMs: SHORT_PATIENCE_MS }).ask('replace-labware', wish)).rejects.toMatchObject({
      code: 'ASSET_IN_USE',
      message: expect.stringContaining(run.id) as unknown,
    });
    await shipper.catchUp();
    expect(await listReplacements()).toEqual(before);
    await endRun(run);
  });

  test('while a command of the item runs: the code of the bridge reaches the asker, and afterwards it works; an item beside it is none of this', async () => {
    const { run, fence } = await startRun();
    const using = bridge.useTip({ runId: 'busy', rack: 'tips_2', position: `A${tipsUsed}`, fence });
    await waitFor('a running command', async () => (await bridge.client.request('hello', {})).runningCommands.length > 0);
    const before = await listReplacements();
    const { status, body } = await replace<Problem>('tips_2');
    expect({ status, code: body.code }).toEqual({ status: 409, code: 'MACHINE_BUSY' });
    expect(body.detail).toContain('busy/test/');
    expect((await replace('plate_2')).status).toBe(200);
    await using;
    await shipper.catchUp();
    expect((await listReplacements()).slice(before.length)).toEqual([{ runId: null, labware: ['plate_2'] }]);
    expect((await replace('tips_2')).status).toBe(200);
    await endRun(run);
  });
});

describe('nobody answers', () => {
  test('a bridge that hangs: silence is told, and what it does later is in history all the same', async () => {
    const before = await listReplacements();
    process.kill(bridge.pid, 'SIGSTOP');
    try {
      const { status, body } = await replace<Problem>('tips_2');
      expect({ status, code: body.code }).toEqual({ status: 503, code: 'WORKCELL_SILENT' });
      expect(body.detail).toContain('may still be replaced');
    } finally {
      process.kill(bridge.pid, 'SIGCONT');
    }
    await waitFor('the late replacement', async () => (await listReplacements()).length === before.length + 1);
  });

  test('a bridge that is gone is told by its own code', async () => {
    await listener.close();
    listener = takeTestRequests({ api, socket: `${bridge.socket}.gone`, shipper });
    expect((await replace<Problem>('tips_2')).body.code).toBe('BRIDGE_UNREACHABLE');
  });

  test('no worker of this workcell: the one of another keeps silent', async () => {
    await listener.close();
    listener = takeTestRequests({ api, socket: bridge.socket, shipper, workcell: 'another' });
    const before = await api.countRows();
    const wish = { workcell: STAR, body: { labware: 'tips_2' }, by: 'ada', signal: new AbortController().signal };
    await expect(createWorkcellAsker(api.db, { patienceMs: SHORT_PATIENCE_MS }).ask('replace-labware', wish)).rejects.toMatchObject({
      code: 'WORKCELL_SILENT',
    });
    expect(await api.countRows()).toEqual(before);
  });
});
