// Tables of the platform ports where Postgres stands in for Redis: cache, rates and locks.
//
// Cache and rates are unlogged: a crash of the server empties them, which both may be at any moment, and writing
// them costs no synced log. Locks are logged, because a lost lease would have two owners.

import { sql, type Kysely } from 'kysely';

const PORTS = `
create unlogged table port_cache (
  namespace text not null,
  key text not null,
  value bytea not null,
  version bigint not null,
  expires_at timestamptz not null,
  primary key (namespace, key)
);
create index port_cache_expiry on port_cache (expires_at);
create unlogged table port_rate (
  key text primary key,
  tokens float8 not null,
  is_allowed boolean not null,
  at timestamptz not null,
  full_at timestamptz not null
);
create index port_rate_full on port_rate (full_at);
create table port_lock (
  name text primary key,
  token text not null,
  fence bigint not null,
  expires_at timestamptz not null
);`;

export async function up(db: Kysely<unknown>): Promise<void> {
  await sql.raw(PORTS).execute(db);
}
