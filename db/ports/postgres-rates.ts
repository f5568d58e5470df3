// Token buckets in Postgres: one statement counts under the lock of the bucket's row.

import { sql } from 'kysely';
import { requirePortName } from '../../platform/ports/ports.js';
import type { Rates } from '../../platform/ports/rates.js';
import type { Database } from '../connection/connect-database.js';
import { createSweeper } from './sweep.js';

export function createPostgresRates(db: Database): Rates {
  const sweep = createSweeper(() => sql`delete from port_rate where full_at <= clock_timestamp()`.execute(db));
  return {
    take(key, { capacity, refillPerS }) {
      requirePortName(key);
      return sql<{ tokens: number; is_allowed: boolean }>`
        with bucket (key, at) as (values (${key}, clock_timestamp()))
        insert into port_rate as held (key, tokens, is_allowed, at, full_at)
        select key, ${capacity}::float8 - 1, true, at, at + interval '1 s' / ${refillPerS}::float8 from bucket
        on conflict (key) do update set (tokens, is_allowed, at, full_at) = (
          select there - taken, taken = 1, greatest(held.at, excluded.at),
                 greatest(held.at, excluded.at) + (${capacity}::float8 - there + taken) / ${refillPerS}::float8 * interval '1 s'
          from (select least(${capacity}::float8,
                             held.tokens + greatest(0, extract(epoch from excluded.at - held.at)::float8) * ${refillPerS}::float8)) as refilled (there),
               lateral (select case when there >= 1 then 1 else 0 end) as take (taken))
        returning tokens, is_allowed`
        .execute(db)
        .then(({ rows: [row] }) => {
          sweep();
          if (row === undefined || row.is_allowed) return { allowed: true, retryAfterMs: 0 };
          return { allowed: false, retryAfterMs: Math.ceil(((1 - row.tokens) / refillPerS) * 1000) };
        });
    },
  };
}
