// A workflow that no run row knows is paused once, whichever process finds it: a person may have let it go on. Real Temporal and Postgres.

import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { exec } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import path from 'node:path';
import { promisify } from 'node:util';
import { Client, Connection } from '@temporalio/client';
import { TypedSearchAttributes, defineSearchAttributeKey } from '@temporalio/common';
import { sql } from 'kysely';
import { startHistoryComparison } from './compare-histories.js';
import { connectTemporal, type TemporalClient } from '../temporal/temporal-client.js';
import { listReportedWorkflows } from '../../db/losses/unknown-workflow.queries.js';
import { findTemporal } from '../../local/temporal-binary.js';
import { readSettings } from '../../platform/settings.js';
import { serveTestApi, type TestApi } from '../../test/rig/serve-test-api.js';
import { waitFor } from '../../test/rig/start-lab.js';
import { startTestTemporal, type TestTemporal } from '../../test/rig/start-test-temporal.js';

const ATTRIBUTES = { PraxisProtocol: 'forgotten', PraxisWorkcell: 'star' };
const silent = { info: () => undefined, warn: () => undefined, error: () => undefined };

let server: TestTemporal;
let api: TestApi;
let connection: Connection;
let temporal: TemporalClient;

beforeAll(async () => {
  server = await startTestTemporal();
  api = await serveTestApi();
  connection = Connection.lazy({ address: server.address });
  temporal = connectTemporal({ address: server.address, namespace: server.namespace });
});
afterAll(async () => {
  await temporal?.close();
  await connection?.close();
  await api?.stop();
  await server?.stop();
});

test('a process that is started anew does not pause again what was told of before', async () => {
  const { workflow } = new Client({ connection, namespace: server.namespace });
  const typedSearchAttributes = new TypedSearchAttributes(
    Object.entries(ATTRIBUTES).map(([name, value]) => ({ key: defineSearchAttributeKey(name, 'KEYWORD'), value })),
  );
  const handle = await workflow.start('forgotten', {
    workflowId: randomUUID(),
    taskQueue: 'nobody',
    typedSearchAttributes,
    memo: { assets: [] },
  });
  const countPauses = async (): Promise<number> => {
    const { events } = await handle.fetchHistory();
    return (events ?? []).filter((event) => event.workflowExecutionSignaledEventAttributes?.signalName === 'pause').length;
  };
  const compare = async (): Promise<void> => {
    await startHistoryComparison({ db: api.db, temporal, logger: silent, now: Date.now }).close();
  };
  await waitFor('the workflow to be told of', async () => {
    await compare();
    return (await listReportedWorkflows(api.db)).includes(handle.workflowId);
  });
  expect(await countPauses()).toBe(1);
  await compare();
  expect(await countPauses()).toBe(1);
  // As it is printed, in a shell, with the program where the lab has it.
  const { rows } = await sql<{
    text: string;
  }>`select subject ->> 'text' as text from inbox_item where id like ${`%${handle.workflowId}`}`.execute(api.db);
  const [command] = /temporal workflow terminate [^)]*/u.exec(rows[0]?.text ?? '') ?? [];
  const program = findTemporal({ cache: readSettings().cache });
  await promisify(exec)(command ?? 'false', {
    env: { ...process.env, PATH: `${path.dirname(program ?? '')}:${process.env['PATH'] ?? ''}` },
  });
  expect((await handle.describe()).status.name).toBe('TERMINATED');
}, 120_000);
