// Opens and closes the pool of connections to Postgres, and tells a database that is away from a wrong query.

import { Kysely, PostgresDialect, type Transaction as KyselyTransaction } from 'kysely';
import pg from 'pg';
import { pokeAfterCommit } from './poke-after-commit.js';
import { nameStatements } from './name-statements.js';
import type { Tables } from './tables.js';

export type Database = Kysely<Tables>;
export type Transaction = KyselyTransaction<Tables>;

export interface DatabaseOptions {
  readonly url: string;
  /** Shown in pg_stat_activity. */
  readonly applicationName: string;
  readonly poolMax?: number;
  /** For migrations, which may read all that a lab has ever done: statements take what they take. */
  readonly isPatient?: boolean;
  /** Told of errors on idle connections; the pool replaces these by itself. */
  readonly onError?: (error: Error) => void;
}

const POOL_MAX = 10;
/** For one new connection; below the 2 s in which the API must tell that the database is away. */
const CONNECT_TIMEOUT_MS = 1_800;
/** For a free connection of the pool: a burst of requests may queue here, since the server is alive. */
const POOL_WAIT_TIMEOUT_MS = 10_000;
const STATEMENT_TIMEOUT_MS = 10_000;
const IDLE_IN_TRANSACTION_TIMEOUT_MS = 15_000;
/** For a server that no longer answers at all, so that its own statement timeout does not fire. */
const QUERY_TIMEOUT_MS = 12_000;
const IDLE_TIMEOUT_MS = 60_000;

export function connectDatabase(options: DatabaseOptions): Database {
  const pool = new pg.Pool({
    connectionString: options.url,
    application_name: options.applicationName,
    max: options.poolMax ?? POOL_MAX,
    Client: ImpatientClient,
    connectionTimeoutMillis: POOL_WAIT_TIMEOUT_MS,
    idleTimeoutMillis: IDLE_TIMEOUT_MS,
    ...(options.isPatient !== true && { statement_timeout: STATEMENT_TIMEOUT_MS, query_timeout: QUERY_TIMEOUT_MS }),
    idle_in_transaction_session_timeout: IDLE_IN_TRANSACTION_TIMEOUT_MS,
    types: { getTypeParser: findTypeParser },
  });
  // Without listeners the loss of a connection would end the process: of an idle one on the pool, of one in
  // use on itself, where the query that used it is rejected as well.
  const onError = options.onError ?? ((error: Error) => process.emitWarning(`Lost a database connection: ${error.message}`));
  pool.on('error', onError);
  pool.on('connect', (client) => client.on('error', onError));
  return new Kysely<Tables>({ dialect: new PostgresDialect({ pool: pokeAfterCommit(nameStatements(pool)) }) });
}

/** The pool knows one limit for both waits; its connections get the shorter one here. */
class ImpatientClient extends pg.Client {
  constructor(config?: pg.ClientConfig) {
    super({ ...config, connectionTimeoutMillis: CONNECT_TIMEOUT_MS });
  }
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
  /timeout exceeded when trying to connect|Connection terminated|Query read timeout|not queryable|Client was closed|timeout expired/iu;

/** True where the database was away; false for a wrong query, a broken rule or a bug. */
export function isDatabaseUnavailable(error: unknown): boolean {
  if (typeof error !== 'object' || error === null || !('message' in error)) return false;
  // Several addresses of one name that all refuse.
  if ('errors' in error && Array.isArray(error.errors) && error.errors.some(isDatabaseUnavailable)) return true;
  if ('code' in error && typeof error.code === 'string' && (UNAVAILABLE_CODES.has(error.code) || error.code.startsWith('08'))) return true;
  return UNAVAILABLE_MESSAGES.test(String(error.message)) || ('cause' in error && isDatabaseUnavailable(error.cause));
}

const DAMAGED_CODES: ReadonlySet<string> = new Set(['XX001', 'XX002']);

/** True where Postgres can't read a page of a table or an index as it was written. */
export function isDatabaseDamaged(error: unknown): boolean {
  if (typeof error !== 'object' || error === null) return false;
  return ('code' in error && DAMAGED_CODES.has(String(error.code))) || ('cause' in error && isDatabaseDamaged(error.cause));
}

/** Counters and positions stay far below 2^53, so int8 is read as a number. */
const findTypeParser = ((oid: Parameters<typeof pg.types.getTypeParser>[0], format: 'text'): unknown =>
  oid === pg.types.builtins.INT8 ? Number : pg.types.getTypeParser(oid, format)) as typeof pg.types.getTypeParser;
