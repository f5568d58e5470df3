// Serves the real API on a real, throw-away Postgres with the library's protocols and the demonstration workcell.
// Without a Temporal address nothing listens where Temporal is looked for, as when it is down.

import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { sql } from 'kysely';
import { serveApi, type ServedApi } from '../../api/serve-api.js';
import { closeDatabase, connectDatabase, type Database } from '../../db/connection/connect-database.js';
import { migrateToLatest } from '../../db/connection/migrate.js';
import { publishDefinitions, toManualProtocol } from '../../db/protocols/definition.queries.js';
import { applyWorkcell } from '../../db/workcells/workcell.queries.js';
import type { WorkcellSpec } from '../../domain/workcells/workcell-spec.js';
import { findFreePorts } from '../../local/free-ports.js';
import { startThrowAwayPostgres } from '../../local/throw-away-postgres.js';
import type { PostgresServer } from '../../local/postgres.js';
import { findProjectRoot } from '../../platform/paths.js';
import { readSettings, type Settings } from '../../platform/settings.js';
import { readProtocolSources } from '../../protocols/bundling/bundle-protocols.js';

export interface Answer<T> {
  readonly status: number;
  readonly headers: Headers;
  readonly body: T;
}

export interface TestApi {
  readonly url: string;
  readonly db: Database;
  readonly settings: Settings;
  readonly postgres: PostgresServer;
  /** What the API logged at warning and above. */
  readonly logged: readonly { readonly fields: object; readonly message: string }[];
  get<T>(route: string, headers?: Readonly<Record<string, string>>): Promise<Answer<T>>;
  post<T>(route: string, body: unknown, headers?: Readonly<Record<string, string>>): Promise<Answer<T>>;
  /** Rows of runs and events: what a refused request must leave as it was. */
  countRows(): Promise<{ runs: number; events: number }>;
  /** Closes the API and serves it again on the same port. */
  restart(meanwhile?: () => Promise<void>): Promise<void>;
  stop(): Promise<void>;
}

export async function serveTestApi(options: { temporalAddress?: string; temporalNamespace?: string } = {}): Promise<TestApi> {
  const postgres = await startThrowAwayPostgres();
  const db = connectDatabase({ url: postgres.url, applicationName: 'api-test', poolMax: 4 });
  await prepareDatabase(db);
  const firstPort = await findFreePorts(2);
  const settings = readSettings({
    PRAXIS_PORT: String(firstPort),
    DATABASE_URL: postgres.url,
    TEMPORAL_ADDRESS: options.temporalAddress ?? `127.0.0.1:${firstPort + 1}`,
    TEMPORAL_NAMESPACE: options.temporalNamespace ?? 'praxis',
  });
  const logged: { fields: object; message: string }[] = [];
  const keep = (fields: object, message: string): void => void logged.push({ fields, message });
  const logger = { info: () => undefined, warn: keep, error: keep };
  let api: ServedApi = await serveApi({ settings, logger });
  const { url } = api;
  const request = async <T>(route: string, init: RequestInit): Promise<Answer<T>> => {
    const response = await fetch(`${url}${route}`, init);
    return { status: response.status, headers: response.headers, body: JSON.parse(await response.text()) as T };
  };
  return {
    url,
    db,
    settings,
    postgres,
    logged,
    get: (route, headers = {}) => request(route, { headers }),
    post: (route, body, headers = {}) =>
      request(route, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...headers },
        body: typeof body === 'string' ? body : JSON.stringify(body),
      }),
    countRows: async () => {
      const { rows } = await sql<{
        runs: number;
        events: number;
      }>`select (select count(*) from run) as runs, (select count(*) from event_row) as events`.execute(db);
      return rows[0] ?? { runs: -1, events: -1 };
    },
    restart: async (meanwhile) => {
      await api.close();
      await meanwhile?.();
      api = await serveApi({ settings, logger });
    },
    stop: async () => {
      await api.close();
      await closeDatabase(db);
      await postgres.stop();
    },
  };
}

async function prepareDatabase(db: Database): Promise<void> {
  await migrateToLatest(db);
  const sources = await readProtocolSources([]);
  await publishDefinitions(db, { source: 'library', bundle: sources.bundle, definitions: [...sources.definitions, toManualProtocol()] });
  const file = path.join(findProjectRoot(), 'deploy', 'demo-workcell.json');
  await applyWorkcell(db, JSON.parse(await readFile(file, 'utf8')) as WorkcellSpec);
}
