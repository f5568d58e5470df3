// The server that production runs, on a Postgres: makes its databases and tables, writes its settings, starts it. It
// stands in for the dev server where a lab is to be tried on what production will have; there is no Web UI with it, and no
// HTTP gate.

import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { LabError } from '../domain/errors/error.js';
import type { Json, JsonObject } from '../domain/json/json.js';
import { runToEnd } from './child-process.js';
import { ensureDatabase, hasRows } from './postgres.js';
import type { RunningProcess } from './running-process.js';
import { adoptTemporal, startTemporalProgram, TEMPORAL_RETENTION_DAYS, type TemporalOptions } from './temporal.js';
import type { ServerPrograms } from './temporal-binary.js';
import { TEMPORAL_SEARCH_ATTRIBUTES, toDynamicConfigYaml } from './temporal-dynamic-config.js';

/** Fixed for the life of a database; 4 are plenty for a lab. */
const HISTORY_SHARDS = 4;
const STORE_CONNECTIONS_MAX = 20;
const VISIBILITY_CONNECTIONS_MAX = 4;
const TOOL_TIMEOUT_MS = 60_000;
/** Ports of the parts of the server among themselves, counted from the first; each part has a membership port too. */
const INNER_PORTS = { history: 0, matching: 1, worker: 2, membership: 3 } as const;
/** Of the last version of the tables that the pinned server knows. */
const STORES = [
  { database: 'temporal', schema: 'postgresql/v12/temporal', version: '1.18' },
  { database: 'temporal_visibility', schema: 'postgresql/v12/visibility', version: '1.9' },
] as const;

export interface TemporalServerOptions extends TemporalOptions {
  readonly programs: ServerPrograms;
  /** Of the Postgres that keeps everything. */
  readonly databaseUrl: string;
  /** First of the ports that the parts of the server use among themselves. */
  readonly innerPort: number;
}

export async function startTemporalServer(options: TemporalServerOptions): Promise<RunningProcess> {
  await makeTables(options);
  const configFolder = path.join(options.dataFolder, 'config');
  mkdirSync(configFolder, { recursive: true });
  writeFileSync(path.join(configFolder, 'dynamic.yaml'), toDynamicConfigYaml());
  // JSON is YAML too.
  writeFileSync(path.join(configFolder, 'development.yaml'), JSON.stringify(toConfig(options, configFolder), null, 2));
  const args = ['--root', options.dataFolder, '--config', 'config', '--env', 'development', '--allow-no-auth', 'start'];
  const program = { command: options.programs.server, args, makeNamespace: () => makeNamespace(options) };
  return (await adoptTemporal(options, args)) ?? (await startTemporalProgram(options, program));
}

/** Once for each database; what an interrupted start left half made is made again. */
async function makeTables({ programs, databaseUrl, logFile }: TemporalServerOptions): Promise<void> {
  const { host, port, user, password, socketFolder } = readDatabase(databaseUrl);
  const address = ['--plugin', 'postgres12', '--ep', host, '--port', port, '--user', user, '--password', password];
  const socket = socketFolder === null ? [] : ['--connect-attributes', `host=${socketFolder}`];
  for (const { database, schema, version } of STORES) {
    const url = await ensureDatabase(databaseUrl, database);
    if (await hasRows(url, 'schema_version')) continue;
    const args = [...address, ...socket, '--db', database, 'setup-schema', '--schema-name', schema, '--version', version, '--overwrite'];
    await runToEnd({ name: 'temporal-sql-tool', command: programs.sqlTool, args, env: process.env, logFile, timeoutMs: TOOL_TIMEOUT_MS });
  }
}

/** Repeating it does no harm: what is there is only noted in the log. */
async function makeNamespace({ binary, namespace, port, logFile }: TemporalServerOptions): Promise<void> {
  const address = ['--address', `127.0.0.1:${port}`, '--namespace', namespace];
  const operate = (args: readonly string[]): Promise<unknown> =>
    runToEnd({
      name: `temporal ${args.slice(0, 3).join(' ')}`,
      command: binary,
      args: [...args, ...address],
      env: process.env,
      logFile,
      timeoutMs: TOOL_TIMEOUT_MS,
    });
  await operate(['operator', 'namespace', 'create', '--retention', `${TEMPORAL_RETENTION_DAYS}d`]).catch(ignoreWhatIsThere);
  const attributes = TEMPORAL_SEARCH_ATTRIBUTES.flatMap((name) => ['--name', name, '--type', 'Keyword']);
  await operate(['operator', 'search-attribute', 'create', ...attributes]).catch(ignoreWhatIsThere);
}

function ignoreWhatIsThere(error: unknown): void {
  if (!(error instanceof LabError) || !/already (?:exists|registered)/u.test(error.message)) throw error;
}

function toConfig(options: TemporalServerOptions, configFolder: string): Json {
  const { host, port, user, password, socketFolder } = readDatabase(options.databaseUrl);
  const toStore = (databaseName: string, maxConns: number): Json => ({
    sql: {
      ...{ pluginName: 'postgres12', databaseName, connectAddr: `${host}:${port}`, connectProtocol: 'tcp', user, password },
      ...{ maxConns, maxIdleConns: maxConns, maxConnLifetime: '1h' },
      ...(socketFolder === null ? {} : { connectAttributes: { host: socketFolder } }),
    },
  });
  const toService = (grpcPort: number, place: number, more: JsonObject = {}): Json => ({
    rpc: { grpcPort, membershipPort: options.innerPort + INNER_PORTS.membership + place, bindOnIP: '127.0.0.1', ...more },
  });
  return {
    log: { stdout: true, level: 'warn' },
    persistence: {
      ...{ defaultStore: 'default', visibilityStore: 'visibility', numHistoryShards: HISTORY_SHARDS },
      datastores: {
        default: toStore(STORES[0].database, STORE_CONNECTIONS_MAX),
        visibility: toStore(STORES[1].database, VISIBILITY_CONNECTIONS_MAX),
      },
    },
    global: {
      membership: { maxJoinDuration: '30s', broadcastAddress: '127.0.0.1' },
      metrics: { prometheus: { listenAddress: `127.0.0.1:${options.metricsPort}` } },
    },
    services: {
      frontend: toService(options.port, 0),
      history: toService(options.innerPort + INNER_PORTS.history, 1),
      matching: toService(options.innerPort + INNER_PORTS.matching, 2),
      worker: toService(options.innerPort + INNER_PORTS.worker, 3),
    },
    clusterMetadata: {
      ...{ enableGlobalNamespace: false, failoverVersionIncrement: 10, masterClusterName: 'active', currentClusterName: 'active' },
      clusterInformation: {
        active: { enabled: true, initialFailoverVersion: 1, rpcName: 'frontend', rpcAddress: `127.0.0.1:${options.port}` },
      },
    },
    publicClient: { hostPort: `127.0.0.1:${options.port}` },
    dynamicConfigClient: { filepath: path.join(configFolder, 'dynamic.yaml'), pollInterval: '60s' },
  };
}

/** The server's Postgres driver sorts all it was told and takes the last: with this host, the folder of a socket. */
const HOST_OF_SOCKET = '-';

/** The parts of a Postgres URL as the server wants them; a socket folder comes as the parameter `host`. */
function readDatabase(databaseUrl: string): { host: string; port: string; user: string; password: string; socketFolder: string | null } {
  const url = new URL(databaseUrl);
  const socketFolder = url.searchParams.get('host');
  return {
    host: socketFolder === null ? url.hostname : HOST_OF_SOCKET,
    port: url.port === '' ? '5432' : url.port,
    user: decodeURIComponent(url.username),
    password: decodeURIComponent(url.password),
    socketFolder,
  };
}
