// The cache in Postgres, for a lab without Redis.

import { sql } from 'kysely';
import { isTooLargeToCache, type Cache, type CacheKey } from '../../platform/ports/cache.js';
import { requirePortName } from '../../platform/ports/ports.js';
import type { Database } from '../connection/connect-database.js';
import { createSweeper } from './sweep.js';

export function createPostgresCache(db: Database): Cache {
  const sweep = createSweeper(() => sql`delete from port_cache where expires_at <= clock_timestamp()`.execute(db));
  const remove = ({ namespace, key }: CacheKey): Promise<unknown> =>
    sql`delete from port_cache where namespace = ${namespace} and key = ${key}`.execute(db);
  return {
    get({ namespace, key }) {
      requireKey({ namespace, key });
      return sql<{ value: Buffer }>`
        select value from port_cache where namespace = ${namespace} and key = ${key} and expires_at > clock_timestamp()`
        .execute(db)
        .then(({ rows: [row] }) => row?.value.toString('utf8') ?? null);
    },
    async set(cacheKey, value, { ttlMs, version }) {
      const { namespace, key } = requireKey(cacheKey);
      if (isTooLargeToCache(value)) {
        await remove(cacheKey);
        return;
      }
      const bytes = Buffer.from(value);
      await sql`
        insert into port_cache as held (namespace, key, value, version, expires_at)
        values (${namespace}, ${key}, ${bytes}, ${version ?? 0}, clock_timestamp() + ${ttlMs} * interval '1 ms')
        on conflict (namespace, key) do update
        set value = excluded.value, version = excluded.version, expires_at = excluded.expires_at
        where ${version === undefined} or held.version <= excluded.version or held.expires_at <= clock_timestamp()`.execute(db);
      sweep();
    },
    async delete(key) {
      await remove(requireKey(key));
    },
  };
}

function requireKey({ namespace, key }: CacheKey): CacheKey {
  return { namespace: requirePortName(namespace), key: requirePortName(key) };
}
