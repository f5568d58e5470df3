// The four ports in Postgres, bare: they reject while it is away.

import { createPostgresBus, type PostgresBusWorld } from './postgres-bus.js';
import { createPostgresCache } from './postgres-cache.js';
import { createPostgresLocks } from './postgres-locks.js';
import { createPostgresRates } from './postgres-rates.js';
import type { OpenPorts } from '../../platform/ports/ports.js';

/** Closing them leaves the database open; it belongs to whoever opened it. */
export function openPostgresPorts(world: PostgresBusWorld): OpenPorts {
  const bus = createPostgresBus(world);
  return {
    cache: createPostgresCache(world.db),
    locks: createPostgresLocks(world.db),
    bus,
    rates: createPostgresRates(world.db),
    close: () => bus.close(),
  };
}
