// The cache in Redis: a hash of value and version for each key, which Redis forgets at the end of its time.

import { describeScript, type Redis } from './connect-redis.js';
import { isTooLargeToCache, type Cache, type CacheKey } from '../ports/cache.js';
import { requirePortName } from '../ports/ports.js';

/** Arguments: value, version or empty, time to live in ms. */
const SET_UNLESS_OLDER = describeScript(`
local held = redis.call('HGET', KEYS[1], 'version')
if held and ARGV[2] ~= '' and tonumber(held) > tonumber(ARGV[2]) then return 0 end
redis.call('HSET', KEYS[1], 'value', ARGV[1], 'version', ARGV[2] == '' and '0' or ARGV[2])
redis.call('PEXPIRE', KEYS[1], ARGV[3])
return 1`);

export function createRedisCache(redis: Redis): Cache {
  return {
    get(key) {
      return redis.send(['HGET', toRedisKey(key), 'value']).then((value) => (typeof value === 'string' ? value : null));
    },
    async set(key, value, { ttlMs, version }) {
      const redisKey = toRedisKey(key);
      if (isTooLargeToCache(value)) await redis.send(['DEL', redisKey]);
      else await redis.run(SET_UNLESS_OLDER, [redisKey], [value, version ?? '', ttlMs]);
    },
    async delete(key) {
      await redis.send(['DEL', toRedisKey(key)]);
    },
  };
}

function toRedisKey({ namespace, key }: CacheKey): string {
  return `px:cache:${requirePortName(namespace)}:${requirePortName(key)}`;
}
