// The local Temporal server, for real: ready means the namespace answers, a kill -9 loses nothing,
// a server left running is adopted, and production gets the same settings.

import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { Client, Connection } from '@temporalio/client';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { findProjectRoot } from '../platform/paths.js';
import { toTestTemporalOptions } from '../test/rig/start-test-temporal.js';
import { isAlive, readStartTime, signalProcess } from './process-identity.js';
import type { RunningProcess } from './running-process.js';
import { adoptTemporal, startTemporal, type TemporalOptions } from './temporal.js';
import { TEMPORAL_SEARCH_ATTRIBUTES, toDynamicConfigYaml } from './temporal-dynamic-config.js';

const STOP_TIMEOUT_MS = 10_000;
let folder = '';
let options: TemporalOptions;
const started: RunningProcess[] = [];

beforeEach(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'praxis-temporal-'));
  options = await toTestTemporalOptions(folder);
});

afterEach(async () => {
  for (const server of started.splice(0)) await server.stop(STOP_TIMEOUT_MS);
  rmSync(folder, { recursive: true, force: true });
});

async function start(): Promise<RunningProcess> {
  const server = await startTemporal(options);
  started.push(server);
  return server;
}

async function useClient<T>(use: (client: Client) => Promise<T>): Promise<T> {
  const connection = await Connection.connect({ address: `127.0.0.1:${options.port}` });
  try {
    return await use(new Client({ connection, namespace: options.namespace }));
  } finally {
    await connection.close();
  }
}

describe('the local Temporal server', () => {
  test('serves its namespace with our search attributes for 30 days, and keeps a workflow over kill -9', async () => {
    const first = await start();
    await useClient(async (client) => {
      const { customAttributes } = await client.connection.operatorService.listSearchAttributes({ namespace: options.namespace });
      expect(Object.keys(customAttributes)).toEqual(expect.arrayContaining([...TEMPORAL_SEARCH_ATTRIBUTES]));
      const { config } = await client.workflowService.describeNamespace({ namespace: options.namespace });
      expect(Number(config?.workflowExecutionRetentionTtl?.seconds)).toBe(30 * 24 * 3_600);
      await client.workflow.start('dilute', { workflowId: 'run-1', taskQueue: 'nobody', args: [] });
    });
    signalProcess(first.pid, 'SIGKILL');
    await first.exited;

    await start();
    const status = await useClient(async (client) => (await client.workflow.getHandle('run-1').describe()).status.name);
    expect(status).toBe('RUNNING');
  });

  test('a server of an earlier start is adopted; a process that only has its pid is not', async () => {
    const server = await start();
    const startTime = readStartTime(server.pid) ?? '';
    expect(await adoptTemporal({ pid: server.pid, startTime: 'another time' }, options)).toBeNull();
    const adopted = await adoptTemporal({ pid: server.pid, startTime }, options);
    expect(adopted).toMatchObject({ pid: server.pid, isAdopted: true });
    await adopted?.stop(STOP_TIMEOUT_MS);
    expect(isAlive(server.pid)).toBe(false);
  });

  test('a program that is no Temporal server is a clear error', async () => {
    await expect(startTemporal({ ...options, binary: process.execPath })).rejects.toMatchObject({ code: 'START_FAILED' });
  });
});

test('production gets the dynamic configuration of the local server', () => {
  const shipped = readFileSync(path.join(findProjectRoot(), 'deploy', 'temporal-dynamic-config.yaml'), 'utf8');
  expect(shipped).toBe(toDynamicConfigYaml());
});
