// The local Temporal server, for real: ready means the namespace answers, a kill -9 loses nothing,
// a server left running is adopted, no page can reach it, and production gets the same settings.

import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { Client, Connection } from '@temporalio/client';
import { mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { findProjectRoot } from '../platform/paths.js';
import { toTestTemporalOptions } from '../test/rig/start-test-temporal.js';
import { findFreePorts } from './free-ports.js';
import { isAlive, listProcesses, readStartTime, signalProcess } from './process-identity.js';
import { findRecorded } from './recorded-process.js';
import type { RunningProcess } from './running-process.js';
import { startTemporal, type TemporalOptions } from './temporal.js';
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

function listServers(): number[] {
  const file = path.join(options.dataFolder, 'temporal.db');
  return listProcesses()
    .filter(({ command }) => command.some((part) => part.includes(file)))
    .map(({ pid }) => pid);
}

/** As a browser may send it, with a Host of its own choice; resolves with the status. */
function ask(method: string, url: string, headers: Readonly<Record<string, string>>): Promise<number> {
  return new Promise((resolve, reject) => {
    const sent = request(url, { method, headers }, (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    });
    sent.once('error', reject);
    sent.end(method === 'POST' ? '{}' : undefined);
  });
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

  test('a server of an earlier start is adopted, whoever started it; a process that only has its pid is not', async () => {
    const server = await start();
    const record = path.join(options.dataFolder, 'server.pid');
    expect(findRecorded(record)).toEqual({ pid: server.pid, startTime: readStartTime(server.pid) });
    const adopted = await start();
    expect(adopted).toMatchObject({ pid: server.pid, isAdopted: true });
    await adopted.stop(STOP_TIMEOUT_MS);
    expect(isAlive(server.pid)).toBe(false);
    // As after a restart of the machine: the pid is another program's by now.
    writeFileSync(record, `${process.pid}\n${process.pid} (node) S 1 1 1 0 -1 0 0 0 0 0 0 0 0 0 20 0 1 0 5\n`);
    const next = await start();
    expect(next.isAdopted).toBe(false);
    expect(next.pid).not.toBe(process.pid);
  });

  test('one that was started otherwise, or that nobody wrote down, is ended: one file has one server', async () => {
    const first = await start();
    options = { ...options, metricsPort: await findFreePorts(1) };
    const second = await start();
    expect([isAlive(first.pid), second.isAdopted]).toEqual([false, false]);
    rmSync(path.join(options.dataFolder, 'server.pid'));
    const third = await start();
    expect([isAlive(second.pid), third.isAdopted]).toEqual([false, false]);
    expect(listServers()).toEqual([third.pid]);
  });

  test('two starts at once leave one server', async () => {
    const both = await Promise.allSettled([startTemporal(options), startTemporal(options)]);
    const running = both.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : []));
    started.push(...running);
    expect(running.length).toBeGreaterThan(0);
    expect(listServers()).toEqual([running[0]?.pid]);
  });

  test('its HTTP gate is shut to every page and name, and there is no Web UI where none is asked for', async () => {
    const server = await start();
    const gate = `http://127.0.0.1:${options.httpPort}`;
    for (const headers of [{}, { host: 'evil.test', authorization: 'Bearer x' }, { host: 'localhost' }] as Record<string, string>[]) {
      expect(await ask('GET', `${gate}/api/v1/namespaces/${options.namespace}/workflows`, headers)).toBe(403);
      expect(await ask('POST', `${gate}/api/v1/namespaces/${options.namespace}/batch-operations/job-1`, headers)).toBe(403);
      expect(await ask('POST', `${gate}/namespaces/${options.namespace}/task-queues/q/nexus-services/x/y`, headers)).toBe(404);
    }
    expect(listProcesses().find(({ pid }) => pid === server.pid)?.command).toContain('--headless');
  });

  test('a file that is damaged is named with what to do, and what it says helps', async () => {
    mkdirSync(options.dataFolder, { recursive: true });
    writeFileSync(path.join(options.dataFolder, 'temporal.db'), Buffer.alloc(65_536));
    const aside = `${options.dataFolder}.aside`;
    await expect(start()).rejects.toMatchObject({
      code: 'START_FAILED',
      message: `Temporal did not start: ${path.join(options.dataFolder, 'temporal.db')} is damaged (file is not a database).`,
      remedy: expect.stringContaining(`mv ${options.dataFolder} ${aside}`) as unknown,
    });
    renameSync(options.dataFolder, aside);
    mkdirSync(options.dataFolder);
    expect(await (await start()).answers?.()).toBe(true);
  }, 120_000);

  test('a program that is no Temporal server is a clear error', async () => {
    await expect(startTemporal({ ...options, binary: process.execPath })).rejects.toMatchObject({ code: 'START_FAILED' });
  });
});

test('production gets the dynamic configuration of the local server', () => {
  const shipped = readFileSync(path.join(findProjectRoot(), 'deploy', 'temporal-dynamic-config.yaml'), 'utf8');
  expect(shipped).toBe(toDynamicConfigYaml());
});
