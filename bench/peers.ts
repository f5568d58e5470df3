// Other engines of durable steps, for comparison: installed at first use into the cache, never with the project. The steps
// run in this process, one after the other, as the engine's documentation shows it.

import { execFile, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { copyFile, mkdir, readFile, rm } from 'node:fs/promises';
import { createServer, type Http2ServerRequest, type Http2ServerResponse } from 'node:http2';
import { createRequire } from 'node:module';
import path from 'node:path';
import { promisify } from 'node:util';
import pg from 'pg';
import type { Json } from '../domain/json/json.js';
import { findFreePorts } from '../local/free-ports.js';
import { findProjectRoot } from '../platform/paths.js';
import { waitFor } from '../test/rig/start-lab.js';
import type { Stage } from './stage.js';

const INSTALL_TIMEOUT_MS = 5 * 60_000;
const READY_WAIT_MS = 30_000;

export interface Peer {
  /** Milliseconds of one durable execution with so many steps, one after the other. */
  runSteps(count: number): Promise<number>;
  close(): Promise<void>;
}

export const PEERS: Readonly<Record<'Restate' | 'DBOS', (stage: Stage) => Promise<Peer>>> = { Restate: startRestate, DBOS: startDbos };

interface RestateContext {
  run(name: string, step: () => Promise<unknown>): Promise<unknown>;
}

interface RestateSdk {
  readonly service: (definition: {
    name: string;
    handlers: Record<string, (context: RestateContext, count: number) => Promise<number>>;
  }) => unknown;
  readonly createEndpointHandler: (options: {
    services: unknown[];
    logger: () => void;
  }) => (request: Http2ServerRequest, response: Http2ServerResponse) => void;
}

async function startRestate(stage: Stage): Promise<Peer> {
  const load = await installPeers(stage);
  allowOlderNode();
  const { service, createEndpointHandler } = load('@restatedev/restate-sdk') as RestateSdk;
  const run = async (context: RestateContext, count: number): Promise<number> => {
    for (let k = 0; k < count; k++) await context.run('step', () => Promise.resolve(k));
    return count;
  };
  const handler = createServer(
    createEndpointHandler({ services: [service({ name: 'bench', handlers: { run } })], logger: () => undefined }),
  );
  const port = await findFreePorts(4);
  const [ingress, admin, node, own] = [port, port + 1, port + 2, port + 3].map((each) => `127.0.0.1:${each}`) as [
    string,
    string,
    string,
    string,
  ];
  await new Promise<void>((resolve) => handler.listen(port + 3, '127.0.0.1', resolve));
  const program = path.join(
    path.dirname(load.resolve(`@restatedev/restate-server-${process.platform}-${process.arch}/package.json`)),
    'bin',
    'restate-server',
  );
  const server = spawn(program, ['--no-logo'], {
    stdio: 'ignore',
    env: {
      ...process.env,
      RESTATE_BASE_DIR: path.join(stage.folder, 'restate'),
      RESTATE_LISTEN_MODE: 'tcp',
      RESTATE_BIND_ADDRESS: node,
      RESTATE_INGRESS__BIND_ADDRESS: ingress,
      RESTATE_ADMIN__BIND_ADDRESS: admin,
      RESTATE_DISABLE_TELEMETRY: 'true',
    },
  });
  const ended = new Promise((resolve) => server.once('exit', resolve));
  const close = async (): Promise<void> => {
    server.kill('SIGTERM');
    await ended;
    handler.close();
  };
  try {
    await waitFor('the Restate server', async () => (await fetch(`http://${admin}/health`).catch(() => undefined))?.ok, {
      timeoutMs: READY_WAIT_MS,
    });
    await post(`http://${admin}/deployments`, { uri: `http://${own}` });
  } catch (error) {
    await close();
    throw error;
  }
  return {
    runSteps: async (count) => {
      const startedAtMs = performance.now();
      await post(`http://${ingress}/bench/run`, count);
      return performance.now() - startedAtMs;
    },
    close,
  };
}

interface DbosSdk {
  readonly DBOS: {
    setConfig(config: { name: string; systemDatabaseUrl: string; logLevel: string }): void;
    registerWorkflow(workflow: (count: number) => Promise<number>, options: { name: string }): (count: number) => Promise<number>;
    runStep(step: () => Promise<number>, options: { name: string }): Promise<number>;
    launch(): Promise<void>;
    shutdown(): Promise<void>;
  };
}

async function startDbos(stage: Stage): Promise<Peer> {
  const load = await installPeers(stage);
  const { DBOS } = load('@dbos-inc/dbos-sdk') as DbosSdk;
  DBOS.setConfig({ name: 'praxis-bench', systemDatabaseUrl: await createDatabase(stage.record.databaseUrl), logLevel: 'error' });
  const run = DBOS.registerWorkflow(
    async (count) => {
      for (let k = 0; k < count; k++) await DBOS.runStep(() => Promise.resolve(k), { name: 'step' });
      return count;
    },
    { name: 'bench' },
  );
  await DBOS.launch();
  return {
    runSteps: async (count) => {
      const startedAtMs = performance.now();
      await run(count);
      return performance.now() - startedAtMs;
    },
    close: () => DBOS.shutdown(),
  };
}

/** A database of its own on the server of the lab. */
async function createDatabase(labUrl: string): Promise<string> {
  const name = `bench_dbos_${randomUUID().slice(0, 8)}`;
  const client = new pg.Client({ connectionString: labUrl });
  await client.connect();
  await client.query(`create database ${name}`);
  await client.end();
  const url = new URL(labUrl);
  url.pathname = `/${name}`;
  return url.href;
}

/** Installs what bench/peers/package.json pins, unless the cache has exactly that. */
async function installPeers({ cache, say }: Stage): Promise<NodeJS.Require> {
  const folder = path.join(cache, 'bench-peers');
  const wanted = path.join(findProjectRoot(), 'bench', 'peers', 'package.json');
  const manifest = path.join(folder, 'package.json');
  const isThere = existsSync(path.join(folder, 'node_modules', '.package-lock.json')) && existsSync(manifest);
  if (!isThere || (await readFile(manifest, 'utf8')) !== (await readFile(wanted, 'utf8'))) {
    say(`Installing Restate and DBOS into ${folder}, once …`);
    await rm(folder, { recursive: true, force: true });
    await mkdir(folder, { recursive: true });
    const args = ['install', '--prefix', folder, '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel', 'error'];
    await copyFile(wanted, manifest);
    await promisify(execFile)('npm', args, { timeout: INSTALL_TIMEOUT_MS, cwd: folder });
  }
  return createRequire(manifest);
}

/** Restate's SDK is written for a newer Node than the oldest that the project supports; this is all it lacks here. */
function allowOlderNode(): void {
  const withResolvers = (): object => {
    const parts: Record<string, unknown> = {};
    parts['promise'] = new Promise((resolve, reject) => {
      Object.assign(parts, { resolve, reject });
    });
    return parts;
  };
  if (!('withResolvers' in Promise)) Object.defineProperty(Promise, 'withResolvers', { value: withResolvers });
}

async function post(url: string, body: Json): Promise<void> {
  const response = await fetch(url, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) });
  if (!response.ok) throw new Error(`${url} answered ${response.status}: ${await response.text()}`);
}
