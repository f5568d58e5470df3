// Rows are shipped under the name of the journal that they come from, also where another bridge answers in the middle of it; real
// Postgres and bridges.

import { renameSync } from 'node:fs';
import { symlink } from 'node:fs/promises';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { pino } from 'pino';
import { lastShippedRow } from '../db/journal/journal.queries.js';
import { getWorkcellSpec } from '../db/workcells/workcell.queries.js';
import { serveTestApi, type TestApi } from '../test/rig/serve-test-api.js';
import { waitFor } from '../test/rig/start-lab.js';
import { startTestBridge, type TestBridge } from '../test/rig/start-test-bridge.js';
import { BridgeClient } from '../workcell/bridge-client.js';
import { startJournalShipper } from './journal-shipper.js';

let api: TestApi;
let first: TestBridge;
let second: TestBridge;

beforeAll(async () => {
  api = await serveTestApi();
  const spec = await getWorkcellSpec(api.db, 'star');
  first = await startTestBridge(spec);
  second = await startTestBridge(spec);
});
afterAll(async () => {
  await first?.stop();
  await second?.stop();
  await api?.stop();
});

test('a bridge with another journal that answers on the next connection is shipped under its own name', async () => {
  // It has the longer journal, so that none of its rows can be told from those that are asked for by number alone.
  for (const position of ['A1', 'B1', 'C1']) await second.useTip({ runId: 'other', rack: 'tips_1', position, fence: 1 });
  await first.useTip({ runId: 'one', rack: 'tips_1', position: 'A1', fence: 1 });
  const [before, after] = await Promise.all([first.client.request('hello', {}), second.client.request('hello', {})]);
  expect(after.lastRow).toBeGreaterThan(before.lastRow);
  const socket = `${first.socket}.now`;
  await symlink(first.socket, socket);
  await symlink(second.socket, `${socket}.next`);
  let isChanged = false;
  const onShipped = (): void => {
    if (isChanged) return;
    isChanged = true;
    // Between two readings: the connection is lost, and the next one leads elsewhere.
    renameSync(`${socket}.next`, socket);
    process.kill(first.pid, 'SIGKILL');
  };
  const shipper = startJournalShipper({ db: api.db, bridge: new BridgeClient(socket), logger: pino({ level: 'silent' }), onShipped });
  try {
    await waitFor(
      'the rows of the second journal',
      async () =>
        (await lastShippedRow(api.db, after.bridgeId)) >= after.lastRow || (await lastShippedRow(api.db, before.bridgeId)) > before.lastRow,
    );
    expect(await lastShippedRow(api.db, before.bridgeId)).toBe(before.lastRow);
    expect(await lastShippedRow(api.db, after.bridgeId)).toBe(after.lastRow);
  } finally {
    await shipper.stop();
  }
}, 120_000);
