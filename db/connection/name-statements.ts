// Gives statements names, so that Postgres parses and plans each once a connection and not at every call.
// A migration under an open connection may make a kept plan fail once; processes are restarted after one.

import { createHash } from 'node:crypto';
import type { PostgresPool, PostgresPoolClient } from 'kysely';
import type pg from 'pg';

/** Statements are built from few texts; past this number they are sent unnamed and nothing grows. */
const NAMES_MAX = 500;

export function nameStatements(pool: pg.Pool): PostgresPool {
  const names = new Map<string, string>();
  const findName = (text: string): string | undefined => {
    const known = names.get(text);
    if (known !== undefined || names.size >= NAMES_MAX) return known;
    const name = createHash('sha256').update(text).digest('hex').slice(0, 32);
    names.set(text, name);
    return name;
  };
  const wrap = (client: pg.PoolClient): PostgresPoolClient => {
    const query = (text: string, values: readonly unknown[]): Promise<unknown> => {
      const name = values.length === 0 ? undefined : findName(text);
      return client.query({ text, values: [...values], ...(name !== undefined && { name }) });
    };
    return {
      query: query as PostgresPoolClient['query'],
      release: () => {
        client.release();
      },
    };
  };
  return { connect: async () => wrap(await pool.connect()), end: () => pool.end() };
}
