// Locks in Redis: a hash of token and fence for each name, which Redis forgets at the end of the lease. On its own it
// loses its locks with the server, so where two owners would do harm Postgres decides (ports/fall-back.ts).

import { describeScript, type Redis } from './connect-redis.js';
import type { Locks } from '../ports/locks.js';
import { requirePortName } from '../ports/ports.js';

/**
 * Arguments: token, time to live in ms. Gives the fence, or nothing where another token holds the name. The fence is the
 * server's clock in microseconds, pushed on where it has not moved, so that it also rises over a restart that empties all.
 */
const ACQUIRE = describeScript(`
local token = redis.call('HGET', KEYS[1], 'token')
if token and token ~= ARGV[1] then return false end
local fence = token and redis.call('HGET', KEYS[1], 'fence')
if not fence then
  local clock = redis.call('TIME')
  local last = tonumber(redis.call('GET', KEYS[2]) or '0')
  fence = string.format('%.0f', math.max(last + 1, tonumber(clock[1]) * 1000000 + tonumber(clock[2])))
  redis.call('SET', KEYS[2], fence)
end
redis.call('HSET', KEYS[1], 'token', ARGV[1], 'fence', fence)
redis.call('PEXPIRE', KEYS[1], ARGV[2])
return fence`);

const RENEW = describeScript(`
if redis.call('HGET', KEYS[1], 'token') ~= ARGV[1] then return 0 end
return redis.call('PEXPIRE', KEYS[1], ARGV[2])`);

const RELEASE = describeScript(`
if redis.call('HGET', KEYS[1], 'token') ~= ARGV[1] then return 0 end
return redis.call('DEL', KEYS[1])`);

/** One for all names: it only has to rise, and one key per name would never be forgotten. */
const LAST_FENCE_KEY = 'px:last-fence';

export function createRedisLocks(redis: Redis): Locks {
  return {
    async acquire(name, token, ttlMs) {
      const fence = await redis.run(ACQUIRE, [toRedisKey(name), LAST_FENCE_KEY], [token, ttlMs]);
      return typeof fence === 'string' ? { name, token, fence: Number(fence) } : null;
    },
    async renew({ name, token }, ttlMs) {
      return (await redis.run(RENEW, [toRedisKey(name)], [token, ttlMs])) === 1;
    },
    async release({ name, token }) {
      return (await redis.run(RELEASE, [toRedisKey(name)], [token])) === 1;
    },
  };
}

function toRedisKey(name: string): string {
  return `px:lock:${requirePortName(name)}`;
}
