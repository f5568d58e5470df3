// What doctor asks the database itself. Its pages: each table is read from its beginning, because a damaged page is noticed by nobody
// before somebody reads it. And whether the bridges have the journals that the lab knows, which the API needs no bridge to tell.

import pg from 'pg';
import { LabError } from '../domain/errors/error.js';
import { toAcceptCommand } from '../domain/workcells/accept-command.js';

/** Of each table, 80 MB: reads all of most labs, and a large one in seconds. */
const PAGES_MAX = 10_000;
const CONNECT_TIMEOUT_MS = 3_000;
const STATEMENT_TIMEOUT_MS = 20_000;
/** Data that can't be read as it was written: of a table, of an index. */
const DAMAGED_CODES = ['XX001', 'XX002'];
const TOO_LONG_CODE = '57014';

/** Throws DATABASE_DAMAGED with the table and what Postgres says of it. */
export function checkDatabase(url: string): Promise<string> {
  return ask(url, async (client) => {
    const { rows } = await client.query<{ name: string }>(
      "select c.oid::regclass::text as name from pg_class c where c.relkind = 'r' and c.relnamespace = 'public'::regnamespace order by 1",
    );
    for (const { name } of rows) await readTable(client, name);
    return `the pages of ${rows.length} tables can be read`;
  });
}

/** Throws JOURNAL_LOST as long as nobody has accepted the journal that came instead. */
export function checkJournals(url: string): Promise<string> {
  return ask(url, async (client) => {
    const { rows } = await client.query<{ name: string; because: string }>(
      "select name, journal_lost ->> 'because' as because from workcell where journal_lost is not null order by name",
    );
    const [first] = rows;
    if (first === undefined) return 'every bridge has the one that the lab knows';
    throw new LabError('JOURNAL_LOST', {
      message: `Nothing moves in ${rows.map(({ name }) => name).join(', ')}: ${first.because}`,
      remedy: `Look at the machines, then: ${toAcceptCommand(first.name)}`,
    });
  });
}

async function ask(url: string, question: (client: pg.Client) => Promise<string>): Promise<string> {
  const client = new pg.Client({
    connectionString: url,
    application_name: 'doctor',
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    statement_timeout: STATEMENT_TIMEOUT_MS,
  });
  client.on('error', () => undefined);
  await client.connect().catch((error: unknown) => {
    throw new LabError('DATABASE_UNAVAILABLE', {
      message: `Nobody answers at the address of the database: ${describe(error)}`,
      cause: error,
    });
  });
  try {
    return await question(client);
  } finally {
    await client.end().catch(() => undefined);
  }
}

async function readTable(client: pg.Client, name: string): Promise<void> {
  try {
    await client.query(`select count(*) from ${name} where ctid < '(${PAGES_MAX},0)'`);
  } catch (error) {
    const { code } = error as { code?: string };
    if (code === TOO_LONG_CODE) return;
    if (DAMAGED_CODES.includes(code ?? ''))
      throw new LabError('DATABASE_DAMAGED', {
        message: `The table ${name} of the database can not be read: ${describe(error)}.`,
        cause: error,
      });
    throw error;
  }
}

function describe(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
