// Opens and closes the pool of connections to Postgres, and tells a database that is away from a wrong query.

import { Kysely, PostgresDialect, type Transaction as KyselyTransaction } from 'kysely';
import pg from 'pg';
import type { Tables } from './tables.js';

export type Database = Kysely<Tables>;
export type Transaction = KyselyTransaction<Tables>;

export interface DatabaseOptions {
  readonly url: string;
  /** Shown in pg_stat_activity. */
  readonly applicationName: string;
  readonly poolMax?: number;
  /** Told of errors on idle connections; the pool replaces these by itself. */
  readonly onError?: (error: Error) => void;
}

const POOL_MAX = 10;
/** Also the wait for a free connection of the pool; below the 2 s in which the API must answer. */
const CONNECT_TIMEOUT_MS = 1_800;
const STATEMENT_TIMEOUT_MS = 10_000;
const IDLE_IN_TRANSACTION_TIMEOUT_MS = 15_000;
/** For a server that no longer answers at all, so that its own statement timeout does not fire. */
const QUERY_TIMEOUT_MS = 12_000;
const IDLE_TIMEOUT_MS = 60_000;

const INT8_TYPE_OID = 20;

export function connectDatabase(options: DatabaseOptions): Database {
  const pool = new pg.Pool({
    connectionString: options.url,
    application_name: options.applicationName,
    max: options.poolMax ?? POOL_MAX,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    idleTimeoutMillis: IDLE_TIMEOUT_MS,
    statement_timeout: STATEMENT_TIMEOUT_MS,
    query_timeout: QUERY_TIMEOUT_MS,
    idle_in_transaction_session_timeout: IDLE_IN_TRANSACTION_TIMEOUT_MS,
    types: { getTypeParser: findTypeParser },
  });
  // Without a listener the loss of an idle connection would end the process.
  pool.on('error', options.onError ?? ((error) => process.emitWarning(`Lost a database connection: ${error.message}`)));
  return new Kysely<Tables>({ dialect: new PostgresDialect({ pool }) });
}

/** Ends every connection; work under way ends first. */
export async function closeDatabase(db: Database): Promise<void> {
  await db.destroy();
}

const UNAVAILABLE_CODES: ReadonlySet<string> = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ENOENT',
  'ENOTFOUND',
  'EPIPE',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  '53300', // too many connections
  '57P01', // shutdown by an administrator
  '57P02', // shutdown after a crash
  '57P03', // starting up or shutting down
]);
// pg gives these errors no code.
const UNAVAILABLE_MESSAGES =
  /timeout exceeded when trying to connect|Connection terminated|Query read timeout|not queryable|Client was closed|connection timeout/iu;

/** True where the database was away; false for a wrong query, a broken rule or a bug. */
export function isDatabaseUnavailable(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  if (error instanceof AggregateError && error.errors.some(isDatabaseUnavailable)) return true;
  const code = 'code' in error && typeof error.code === 'string' ? error.code : undefined;
  if (code !== undefined) return UNAVAILABLE_CODES.has(code) || code.startsWith('08');
  return UNAVAILABLE_MESSAGES.test(error.message) || isDatabaseUnavailable(error.cause);
}

/** Counters and positions stay far below 2^53, so int8 is read as a number. */
const findTypeParser = ((oid: number, format?: 'text' | 'binary') =>
  oid === INT8_TYPE_OID && format !== 'binary' ? Number : pg.types.getTypeParser(oid, format)) as typeof pg.types.getTypeParser;
