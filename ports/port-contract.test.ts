// One contract, three stores: the four ports on Postgres, on Redis, and on both as processes get them.

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { startTestServer, type TestServer } from '../db/test-lab.js';
import type { Database } from '../db/connection/connect-database.js';
import { openPostgresPorts } from '../db/ports/postgres-ports.js';
import { findRedis } from '../local/redis.js';
import { startThrowAwayRedis, type ThrowAwayRedis } from '../local/throw-away-redis.js';
import { CACHE_VALUE_LIMIT_BYTES } from '../platform/ports/cache.js';
import type { OpenPorts } from '../platform/ports/ports.js';
import { openRedisPorts } from '../platform/redis/redis-ports.js';
import { createPorts } from './create-ports.js';

const WAIT_TIMEOUT_MS = 30_000;
const LONG_MS = 600_000;
const SHORT_MS = 20;
const silent = { warn: () => undefined, info: () => undefined };

const hasRedis = findRedis() !== null;
if (!hasRedis)
  process.stderr.write(
    'The Redis half of the port contract is skipped: there is no redis-server on PATH. Install it with: apt-get install redis-server\n',
  );

let server: TestServer;
let redis: ThrowAwayRedis | null = null;
let db: Database;
let url: string;
beforeAll(async () => {
  server = await startTestServer();
  ({ db, url } = await server.open());
  redis = await startThrowAwayRedis();
});
afterAll(async () => {
  await redis?.stop();
  await server.stop();
});

const openOnPostgres = (): OpenPorts => openPostgresPorts({ db, url, onError: () => undefined });
const openOnRedis = (): OpenPorts =>
  openRedisPorts({ url: redis?.url ?? '', clientName: 'test', onError: () => undefined, onHandlerError: () => undefined });
const openOnBoth = (): OpenPorts =>
  createPorts({ db, databaseUrl: url, redisUrl: redis?.url ?? null, logger: silent, redisCallTimeoutMs: WAIT_TIMEOUT_MS });

const onRedis: [string, () => OpenPorts][] = [
  ['Redis', openOnRedis],
  ['Redis before Postgres', openOnBoth],
];
const stores: readonly [string, () => OpenPorts][] = [['Postgres', openOnPostgres], ...(hasRedis ? onRedis : [])];

async function waitFor(holds: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = Date.now() + WAIT_TIMEOUT_MS;
  while (!(await holds())) {
    if (Date.now() > deadline) throw new Error('Waited in vain.');
    await sleep(10);
  }
}

describe.each(stores)('on %s', (_name, open) => {
  let ports: OpenPorts;
  beforeAll(() => {
    ports = open();
  });
  afterAll(() => ports.close());

  describe('the cache', () => {
    test('holds a value by namespace, replaces it, deletes it', async () => {
      const key = { namespace: 'a', key: randomUUID() };
      expect(await ports.cache.get(key)).toBeNull();
      await ports.cache.set(key, 'NUL \u0000 and 🧪', { ttlMs: LONG_MS });
      expect(await ports.cache.get(key)).toBe('NUL \u0000 and 🧪');
      expect(await ports.cache.get({ ...key, namespace: 'b' })).toBeNull();
      await ports.cache.set(key, '', { ttlMs: LONG_MS });
      expect(await ports.cache.get(key)).toBe('');
      await ports.cache.delete(key);
      expect(await ports.cache.get(key)).toBeNull();
    });

    test('forgets when the time has passed', async () => {
      const key = { namespace: 'a', key: randomUUID() };
      await ports.cache.set(key, 'soon gone', { ttlMs: SHORT_MS, version: 9 });
      await waitFor(async () => (await ports.cache.get(key)) === null);
      await ports.cache.set(key, 'lower version, later life', { ttlMs: LONG_MS, version: 1 });
      expect(await ports.cache.get(key)).toBe('lower version, later life');
    });

    test('keeps the higher version, whichever comes last', async () => {
      const key = { namespace: 'a', key: randomUUID() };
      const versions = [3, 10, 1, 7, 9, 2];
      await Promise.all(versions.map((version) => ports.cache.set(key, `v${version}`, { ttlMs: LONG_MS, version })));
      expect(await ports.cache.get(key)).toBe('v10');
      await ports.cache.set(key, 'v10 again', { ttlMs: LONG_MS, version: 10 });
      expect(await ports.cache.get(key)).toBe('v10 again');
      await ports.cache.set(key, 'whatever is there', { ttlMs: LONG_MS });
      expect(await ports.cache.get(key)).toBe('whatever is there');
    });

    test('holds no value above its limit, nor the one before it', async () => {
      const key = { namespace: 'a', key: randomUUID() };
      await ports.cache.set(key, 'x'.repeat(CACHE_VALUE_LIMIT_BYTES), { ttlMs: LONG_MS });
      expect((await ports.cache.get(key))?.length).toBe(CACHE_VALUE_LIMIT_BYTES);
      await ports.cache.set(key, 'x'.repeat(CACHE_VALUE_LIMIT_BYTES + 1), { ttlMs: LONG_MS });
      expect(await ports.cache.get(key)).toBeNull();
    });
  });

  describe('a lock', () => {
    test('has one owner, who alone renews and releases it', async () => {
      const name = randomUUID();
      const mine = await ports.locks.acquire(name, 'mine', LONG_MS);
      expect(mine).toMatchObject({ name, token: 'mine' });
      expect(await ports.locks.acquire(name, 'yours', LONG_MS)).toBeNull();
      const stolen = { name, token: 'yours', fence: 1 };
      expect(await ports.locks.renew(stolen, LONG_MS)).toBe(false);
      expect(await ports.locks.release(stolen)).toBe(false);
      expect(mine && (await ports.locks.renew(mine, LONG_MS))).toBe(true);
      expect(mine && (await ports.locks.release(mine))).toBe(true);
      expect(mine && (await ports.locks.release(mine))).toBe(false);
      expect(mine && (await ports.locks.renew(mine, LONG_MS))).toBe(false);
      expect(await ports.locks.acquire(name, 'yours', LONG_MS)).not.toBeNull();
    });

    test('asked for again with its token is renewed, with the fence it had', async () => {
      const name = randomUUID();
      const first = await ports.locks.acquire(name, 'mine', LONG_MS);
      expect(await ports.locks.acquire(name, 'mine', LONG_MS)).toEqual(first);
    });

    test('that has ended goes to the next, with a higher fence, and is lost to the first', async () => {
      const name = randomUUID();
      const first = await ports.locks.acquire(name, 'first', SHORT_MS);
      let second: Awaited<ReturnType<typeof ports.locks.acquire>> = null;
      await waitFor(async () => (second = await ports.locks.acquire(name, 'second', LONG_MS)) !== null);
      expect(second).toMatchObject({ token: 'second' });
      expect((second as { fence: number } | null)?.fence).toBeGreaterThan(first?.fence ?? Infinity);
      expect(first && (await ports.locks.renew(first, LONG_MS))).toBe(false);
      expect(first && (await ports.locks.release(first))).toBe(false);
    });

    test('fought for by many is held by one at a time, and its fence only rises', async () => {
      const name = randomUUID();
      const fences: number[] = [];
      let owners = 0;
      const fight = async (token: string): Promise<void> => {
        for (let won = 0; won < 5; ) {
          const lock = await ports.locks.acquire(name, token, LONG_MS);
          if (lock === null) continue;
          owners += 1;
          expect(owners).toBe(1);
          fences.push(lock.fence);
          await sleep(0);
          owners -= 1;
          expect(await ports.locks.release(lock)).toBe(true);
          won += 1;
        }
      };
      await Promise.all(Array.from({ length: 6 }, (_, k) => fight(`owner ${k}`)));
      expect(fences).toHaveLength(30);
      expect(fences.every((fence, k) => k === 0 || fence > (fences[k - 1] ?? Infinity))).toBe(true);
    });
  });

  describe('the bus', () => {
    test('carries hints to every subscriber of the channel until it has gone', async () => {
      const heard: (string | undefined)[][] = [[], [], []];
      const channel = `channel ${randomUUID()}`;
      const ends = heard.map((list, k) => ports.bus.subscribe(k === 2 ? `${channel} other` : channel, (payload) => list.push(payload)));
      const isHeard = (payload: string): boolean => heard.slice(0, 2).every((list) => list.includes(payload));
      // Nothing promises that a hint arrives, so it is sent until it has.
      await waitFor(async () => {
        await ports.bus.publish(channel, 'line 1\nline 2');
        return isHeard('line 1\nline 2');
      });
      expect(heard[2]?.filter((payload) => payload !== undefined)).toEqual([]);
      ends[0]?.();
      const before = heard[0]?.length;
      await waitFor(async () => {
        await ports.bus.publish(channel, 'after');
        return heard[1]?.includes('after') === true;
      });
      expect(heard[0]?.length).toBe(before);
      for (const end of ends) end();
    });

    test('goes on where one subscriber throws', async () => {
      const heard: string[] = [];
      const channel = `channel ${randomUUID()}`;
      const ends = [
        ports.bus.subscribe(channel, () => {
          throw new Error('a bad subscriber');
        }),
        ports.bus.subscribe(channel, (payload) => heard.push(payload ?? '')),
      ];
      await waitFor(async () => {
        await ports.bus.publish(channel, 'hint');
        return heard.includes('hint');
      });
      for (const end of ends) end();
    });
  });

  describe('a rate', () => {
    test('allows its capacity at once, then says when to come again', async () => {
      const key = randomUUID();
      const limit = { capacity: 5, refillPerS: 0.01 };
      const answers = await Promise.all(Array.from({ length: 9 }, () => ports.rates.take(key, limit)));
      const refused = answers.filter(({ allowed }) => !allowed);
      expect(refused).toHaveLength(4);
      for (const { retryAfterMs } of refused) {
        expect(retryAfterMs).toBeGreaterThan(50_000);
        expect(retryAfterMs).toBeLessThanOrEqual(100_000);
      }
      expect(await ports.rates.take(`${key} other`, limit)).toEqual({ allowed: true, retryAfterMs: 0 });
    });

    test('gains tokens with time, up to its capacity', async () => {
      const key = randomUUID();
      const limit = { capacity: 1, refillPerS: 20 };
      expect((await ports.rates.take(key, limit)).allowed).toBe(true);
      await waitFor(async () => (await ports.rates.take(key, limit)).allowed);
      await waitFor(async () => !(await ports.rates.take(key, limit)).allowed);
    });
  });
});
