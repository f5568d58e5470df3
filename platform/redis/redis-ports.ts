// The four ports in one Redis, bare: they reject while it is away.

import { connectRedis, type RedisOptions } from './connect-redis.js';
import { createRedisBus } from './redis-bus.js';
import { createRedisCache } from './redis-cache.js';
import { createRedisLocks } from './redis-locks.js';
import { createRedisRates } from './redis-rates.js';
import type { OpenPorts } from '../ports/ports.js';

export interface RedisPortsOptions extends RedisOptions {
  readonly onHandlerError: (error: unknown) => void;
}

export function openRedisPorts(options: RedisPortsOptions): OpenPorts {
  const redis = connectRedis(options);
  return {
    cache: createRedisCache(redis),
    locks: createRedisLocks(redis),
    bus: createRedisBus(redis, options.onHandlerError),
    rates: createRedisRates(redis),
    close: () => {
      redis.close();
      return Promise.resolve();
    },
  };
}
