// Token buckets in Redis: counted by the server with its own clock, forgotten when they are full again.

import { describeScript, type Redis } from './connect-redis.js';
import type { Rates } from '../ports/rates.js';
import { requirePortName } from '../ports/ports.js';

/** Arguments: capacity, tokens per second. Gives whether a token was there, and in how many ms the next one is. */
const TAKE = describeScript(`
local capacity, perS = tonumber(ARGV[1]), tonumber(ARGV[2])
local clock = redis.call('TIME')
local nowMs = tonumber(clock[1]) * 1000 + tonumber(clock[2]) / 1000
local held = redis.call('HMGET', KEYS[1], 'tokens', 'atMs')
local atMs = tonumber(held[2] or nowMs)
local tokens = math.min(capacity, tonumber(held[1] or capacity) + math.max(0, nowMs - atMs) * perS / 1000)
local isAllowed = tokens >= 1
if isAllowed then tokens = tokens - 1 end
redis.call('HSET', KEYS[1], 'tokens', string.format('%.6f', tokens), 'atMs', string.format('%.3f', math.max(nowMs, atMs)))
redis.call('PEXPIRE', KEYS[1], math.ceil((capacity - tokens) / perS * 1000) + 1000)
return { isAllowed and 1 or 0, isAllowed and 0 or math.ceil((1 - tokens) / perS * 1000) }`);

export function createRedisRates(redis: Redis): Rates {
  return {
    async take(key, { capacity, refillPerS }) {
      const answer = await redis.run(TAKE, [`px:rate:${requirePortName(key)}`], [capacity, refillPerS]);
      const [allowed, retryAfterMs] = answer as [number, number];
      return { allowed: allowed === 1, retryAfterMs };
    },
  };
}
