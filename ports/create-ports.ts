// Joins the stores to the ports: Redis where there is one, Postgres behind it, and Postgres alone where there is none.

import type { Database } from '../db/connection/connect-database.js';
import { openPostgresPorts } from '../db/ports/postgres-ports.js';
import type { TroubleLogger } from '../platform/logging.js';
import { createCircuit } from '../platform/ports/circuit.js';
import { fallBackBus, fallBackRates, guardBus, guardCache, guardLocks, screenLocks } from '../platform/ports/fall-back.js';
import type { OpenPorts } from '../platform/ports/ports.js';
import { ALLOW_ALL } from '../platform/ports/rates.js';
import { openRedisPorts } from '../platform/redis/redis-ports.js';

/** Redis answers in a tenth of a millisecond; one that needs this long is taken for dead. */
const REDIS_CALL_TIMEOUT_MS = 100;
const POSTGRES_CALL_TIMEOUT_MS = 500;
const RETRY_AFTER_MS = 1_000;

export interface PortsWorld {
  readonly db: Database;
  /** Of the same database, for the connection that listens. */
  readonly databaseUrl: string;
  /** Null where the lab has no Redis. */
  readonly redisUrl: string | null;
  readonly logger: TroubleLogger;
  /** For a machine so crowded that even a Redis that is well needs longer. */
  readonly redisCallTimeoutMs?: number;
}

export function createPorts(world: PortsWorld): OpenPorts {
  const { db, databaseUrl, redisUrl, logger } = world;
  const onError = (error: unknown): void => logger.warn({ err: error }, 'a hint or the connection for hints failed');
  const bare = openPostgresPorts({ db, url: databaseUrl, onError });
  const circuit = createCircuit({ name: 'Postgres', callTimeoutMs: POSTGRES_CALL_TIMEOUT_MS, retryAfterMs: RETRY_AFTER_MS, logger });
  const postgres = {
    cache: guardCache(bare.cache, circuit),
    locks: guardLocks(bare.locks, circuit),
    bus: guardBus(bare.bus, circuit),
    rates: fallBackRates(bare.rates, circuit, ALLOW_ALL),
    close: () => bare.close(),
  };
  return redisUrl === null ? postgres : putRedisBefore(postgres, redisUrl, world);
}

function putRedisBefore(postgres: OpenPorts, url: string, { logger, redisCallTimeoutMs }: PortsWorld): OpenPorts {
  const callTimeoutMs = redisCallTimeoutMs ?? REDIS_CALL_TIMEOUT_MS;
  const circuit = createCircuit({ name: 'Redis', callTimeoutMs, retryAfterMs: RETRY_AFTER_MS, logger });
  const redis = openRedisPorts({
    url,
    clientName: 'praxis',
    // A lost connection is tried again all the time; the circuit tells once that it is lost and once that it is back.
    onError: () => undefined,
    onHandlerError: (error) => logger.warn({ err: error }, 'a subscriber failed on a hint'),
  });
  return {
    // A miss costs one read from where the value came, so nothing is cached twice.
    cache: guardCache(redis.cache, circuit),
    locks: screenLocks(postgres.locks, redis.locks, circuit),
    bus: fallBackBus(redis.bus, circuit, postgres.bus),
    rates: fallBackRates(redis.rates, circuit, postgres.rates),
    async close() {
      await redis.close();
      await postgres.close();
    },
  };
}
