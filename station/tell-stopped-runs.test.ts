// A run that shows the hold of a stop long after it was released hears of the release all the same; real Postgres and bridge.

import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { sql } from 'kysely';
import { pino } from 'pino';
import { getWorkcellSpec } from '../db/workcells/workcell.queries.js';
import type { HoldChange } from '../domain/runs/control.js';
import { toStopHolder } from '../domain/workcells/stop-all.js';
import type { Run } from '../domain/runs/run.js';
import { serveTestApi, type TestApi } from '../test/rig/serve-test-api.js';
import { waitFor } from '../test/rig/start-lab.js';
import { startTestBridge, type TestBridge } from '../test/rig/start-test-bridge.js';
import { BridgeClient, type Link } from '../workcell/bridge-client.js';
import { toStopPlace } from '../domain/workcells/bridge-place.js';
import { tellStoppedRuns } from './tell-stopped-runs.js';

const STAR = 'star';
/** All that was released has settled by the second look. */
const LIMITS = { settledAfterMs: 1, settledLookIntervalMs: 10 };
const LOOKS_UNTIL_SETTLED = 4;

let api: TestApi;
let bridge: TestBridge;
let stopBridge: BridgeClient;

beforeAll(async () => {
  api = await serveTestApi();
  bridge = await startTestBridge(await getWorkcellSpec(api.db, STAR));
  stopBridge = new BridgeClient(toStopPlace(bridge.socket));
});
afterAll(async () => {
  stopBridge?.close();
  await bridge?.stop();
  await api?.stop();
});

test('a run whose row shows a released stop late is told to go on', async () => {
  const { id } = (await api.post<Run>('/api/v1/runs', { protocol: 'serial_dilution' })).body;
  let looks = 0;
  const request: Link['request'] = async (method, params) => {
    looks += 1;
    return await stopBridge.request(method, params);
  };
  const told: { runId: string; change: HoldChange }[] = [];
  const signalHold = async (runId: string, change: HoldChange): Promise<void> => void told.push({ runId, change });
  const teller = tellStoppedRuns(
    { db: api.db, bridge: { request }, workcell: STAR, logger: pino({ level: 'silent' }), signalHold },
    LIMITS,
  );
  try {
    await waitFor('the stop to be long over', async () => {
      teller.poke();
      return looks >= LOOKS_UNTIL_SETTLED;
    });
    expect(told).toEqual([]);
    await sql`update run set workflow_run_id = 'w', pause_reasons = array['stop-all'] where id = ${id}::uuid`.execute(api.db);
    await waitFor('the run to be told', async () => told.length > 0);
    expect(told[0]).toEqual({ runId: id, change: { reason: 'stop-all', holder: toStopHolder(STAR), isHeld: false } });
  } finally {
    await teller.stop();
  }
}, 120_000);
