// Locks in Postgres: one row for each name, kept when it is released, so that its fence never falls.

import { sql } from 'kysely';
import type { Locks } from '../../platform/ports/locks.js';
import { requirePortName } from '../../platform/ports/ports.js';
import type { Database } from '../connection/connect-database.js';

export function createPostgresLocks(db: Database): Locks {
  return {
    acquire(name, token, ttlMs) {
      requirePortName(name);
      return sql<{ fence: number }>`
        insert into port_lock as held (name, token, fence, expires_at)
        values (${name}, ${token}, 1, clock_timestamp() + ${ttlMs} * interval '1 ms')
        on conflict (name) do update
        set fence = case when held.token = excluded.token and held.expires_at > clock_timestamp() then held.fence else held.fence + 1 end,
            token = excluded.token,
            expires_at = clock_timestamp() + ${ttlMs} * interval '1 ms'
        where held.expires_at <= clock_timestamp() or held.token = excluded.token
        returning fence`
        .execute(db)
        .then(({ rows: [row] }) => (row === undefined ? null : { name, token, fence: row.fence }));
    },
    async renew({ name, token }, ttlMs) {
      const { rows } = await sql`
        update port_lock set expires_at = clock_timestamp() + ${ttlMs} * interval '1 ms'
        where name = ${name} and token = ${token} and expires_at > clock_timestamp() returning name`.execute(db);
      return rows.length === 1;
    },
    async release({ name, token }) {
      const { rows } = await sql`
        update port_lock set expires_at = '-infinity'
        where name = ${name} and token = ${token} and expires_at > clock_timestamp() returning name`.execute(db);
      return rows.length === 1;
    },
  };
}
