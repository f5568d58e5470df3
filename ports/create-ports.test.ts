// What the ports do while Redis is killed, silent, emptied and started again in mid-use, and while Postgres is away:
// nothing rejects, nothing waits for long, and all comes back by itself.

import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { startTestServer, type TestServer } from '../db/test-lab.js';
import { closeDatabase, connectDatabase, type Database } from '../db/connection/connect-database.js';
import { findRedis } from '../local/redis.js';
import { startThrowAwayRedis, type ThrowAwayRedis } from '../local/throw-away-redis.js';
import type { OpenPorts } from '../platform/ports/ports.js';
import { connectRedis } from '../platform/redis/connect-redis.js';
import { createPorts } from './create-ports.js';

const WAIT_TIMEOUT_MS = 30_000;
const LONG_MS = 600_000;
const LIMIT = { capacity: 3, refillPerS: 0.001 };

const describeWithRedis = findRedis() === null ? describe.skip : describe;
if (findRedis() === null)
  process.stderr.write(
    'Tests of a failing Redis are skipped: there is no redis-server on PATH. Install it with: apt-get install redis-server\n',
  );

let server: TestServer;
let db: Database;
let url: string;
let logged: string[] = [];
const open: OpenPorts[] = [];
const logger = {
  warn: (_fields: object, message: string): void => {
    logged.push(message);
  },
  info: (_fields: object, message: string): void => {
    logged.push(message);
  },
};
beforeAll(async () => {
  server = await startTestServer();
  ({ db, url } = await server.open());
});
afterEach(async () => {
  for (const ports of open.splice(0)) await ports.close();
  logged = [];
});
afterAll(() => server.stop());

function openPorts(redisUrl: string | null, given: { db?: Database; databaseUrl?: string } = {}): OpenPorts {
  const ports = createPorts({ db, databaseUrl: url, redisUrl, logger, ...given });
  open.push(ports);
  return ports;
}

async function waitFor(holds: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = Date.now() + WAIT_TIMEOUT_MS;
  while (!(await holds())) {
    if (Date.now() > deadline) throw new Error(`Waited in vain. Log: ${logged.join('; ')}`);
    await sleep(10);
  }
}

/** Waits until Redis serves these ports: what is cached is there. */
async function waitForRedis(ports: OpenPorts): Promise<void> {
  const key = { namespace: 'test', key: randomUUID() };
  await waitFor(async () => {
    await ports.cache.set(key, 'held', { ttlMs: LONG_MS });
    return (await ports.cache.get(key)) === 'held';
  });
}

/** Every call of every port, as one that nothing is held for would be answered. */
async function useAll(ports: OpenPorts): Promise<void> {
  const name = randomUUID();
  const key = { namespace: 'test', key: name };
  expect(await ports.cache.get(key)).toBeNull();
  await ports.cache.set(key, 'held', { ttlMs: LONG_MS });
  await ports.cache.delete(key);
  const lock = await ports.locks.acquire(name, 'mine', LONG_MS);
  expect(lock).toMatchObject({ name, token: 'mine', fence: 1 });
  expect(lock && (await ports.locks.renew(lock, LONG_MS))).toBe(true);
  expect(await ports.locks.acquire(name, 'yours', LONG_MS)).toBeNull();
  expect(lock && (await ports.locks.release(lock))).toBe(true);
  expect(await ports.rates.take(name, LIMIT)).toEqual({ allowed: true, retryAfterMs: 0 });
  await ports.bus.publish('test', name);
}

describeWithRedis('ports over a Redis that fails', () => {
  let redis: ThrowAwayRedis;
  beforeAll(async () => {
    const started = await startThrowAwayRedis();
    if (started === null) throw new Error('redis-server was there a moment ago.');
    redis = started;
  });
  afterAll(() => redis.stop());

  test('kill -9: calls go on without it, and with it once it is back', async () => {
    const ports = openPorts(redis.url);
    await waitForRedis(ports);
    await redis.kill();
    await useAll(ports);
    await useAll(ports);
    expect(logged.filter((message) => message.startsWith('Redis is given up'))).toHaveLength(1);
    await redis.restart();
    await waitForRedis(ports);
    expect(logged).toContain('Redis answers again');
  });

  test('kill -9 under load: no call rejects, and no lock has two owners', async () => {
    const ports = openPorts(redis.url);
    await waitForRedis(ports);
    const name = randomUUID();
    const fences: number[] = [];
    let owners = 0;
    let isOver = false;
    const work = async (token: string): Promise<void> => {
      while (!isOver) {
        const lock = await ports.locks.acquire(name, token, LONG_MS);
        await ports.rates.take(token, LIMIT);
        await ports.bus.publish('load', token);
        if (lock === null) continue;
        owners += 1;
        expect(owners).toBe(1);
        fences.push(lock.fence);
        await sleep(1);
        owners -= 1;
        expect(await ports.locks.release(lock)).toBe(true);
      }
    };
    const working = Promise.all(Array.from({ length: 4 }, (_, k) => work(`worker ${k}`)));
    const grantMore = (): Promise<void> => {
      const wanted = fences.length + 20;
      return waitFor(() => fences.length >= wanted);
    };
    for (let round = 0; round < 2; round++) {
      await grantMore();
      await redis.kill();
      await grantMore();
      await redis.restart();
      await waitForRedis(ports);
    }
    await grantMore();
    isOver = true;
    await working;
    expect(fences.every((fence, k) => k === 0 || fence > (fences[k - 1] ?? Infinity))).toBe(true);
  });

  test("FLUSHALL: the cache is empty, the lock is still its owner's", async () => {
    const ports = openPorts(redis.url);
    await waitForRedis(ports);
    const key = { namespace: 'test', key: randomUUID() };
    const lock = await ports.locks.acquire(key.key, 'mine', LONG_MS);
    expect(lock).not.toBeNull();
    await waitFor(async () => {
      await ports.cache.set(key, 'held', { ttlMs: LONG_MS });
      return (await ports.cache.get(key)) === 'held';
    });
    await sendOnce(redis.url, ['FLUSHALL']);
    expect(await ports.cache.get(key)).toBeNull();
    expect(await ports.locks.acquire(key.key, 'yours', LONG_MS)).toBeNull();
    expect(lock && (await ports.locks.renew(lock, LONG_MS))).toBe(true);
    expect(lock && (await ports.locks.release(lock))).toBe(true);
    await useAll(ports);
  });

  test('a Redis that is there and says nothing costs each call a bounded wait, and then none', async () => {
    const ports = openPorts(redis.url);
    await waitForRedis(ports);
    redis.signal('SIGSTOP');
    try {
      await useAll(ports);
    } finally {
      redis.signal('SIGCONT');
    }
    await waitForRedis(ports);
  });

  test('hints arrive by Postgres while Redis is away, and subscribers are told of the gap', async () => {
    const ports = openPorts(redis.url);
    const heard: (string | undefined)[] = [];
    ports.bus.subscribe('runs', (payload) => heard.push(payload));
    const isCarried = (hint: string): Promise<void> =>
      waitFor(async () => {
        await ports.bus.publish('runs', hint);
        return heard.includes(hint);
      });
    await isCarried('with Redis');
    await waitForRedis(ports);
    const gapsBefore = heard.filter((payload) => payload === undefined).length;
    await redis.kill();
    await isCarried('without');
    await redis.restart();
    await waitFor(() => heard.filter((payload) => payload === undefined).length > gapsBefore);
    await isCarried('with Redis again');
  });

  test('a Redis that is not there at the start is used when it comes', async () => {
    await redis.kill();
    const ports = openPorts(redis.url);
    await useAll(ports);
    await redis.restart();
    await waitForRedis(ports);
  });
});

describe('ports without Postgres', () => {
  test('grant no lock, allow every rate, miss, and lose hints, without rejecting', async () => {
    const gone = connectDatabase({ url: 'postgres://postgres@127.0.0.1:1/none', applicationName: 'test', onError: () => undefined });
    const ports = openPorts(null, { db: gone, databaseUrl: 'postgres://postgres@127.0.0.1:1/none' });
    ports.bus.subscribe('runs', () => undefined);
    const key = { namespace: 'test', key: 'x' };
    await ports.cache.set(key, 'x', { ttlMs: LONG_MS });
    expect(await ports.cache.get(key)).toBeNull();
    await ports.cache.delete(key);
    expect(await ports.locks.acquire('x', 'mine', LONG_MS)).toBeNull();
    expect(await ports.locks.renew({ name: 'x', token: 'mine', fence: 1 }, LONG_MS)).toBe(false);
    expect(await ports.locks.release({ name: 'x', token: 'mine', fence: 1 })).toBe(false);
    for (let k = 0; k <= LIMIT.capacity; k++) expect(await ports.rates.take('x', LIMIT)).toEqual({ allowed: true, retryAfterMs: 0 });
    await ports.bus.publish('runs', 'x');
    await closeDatabase(gone);
  });
});

async function sendOnce(redisUrl: string, args: readonly string[]): Promise<void> {
  const redis = connectRedis({ url: redisUrl, clientName: 'test', onError: () => undefined });
  await waitFor(() =>
    redis.send(['PING']).then(
      () => true,
      () => false,
    ),
  );
  await redis.send(args);
  redis.close();
}
