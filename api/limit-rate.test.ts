// The limit on requests that change something: counted in a real store, refused with the time to come again.

import { afterAll, beforeAll, expect, test } from '@jest/globals';
import express from 'express';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { RouteContract } from './contract/route-contract.js';
import { ROUTES } from './contract/routes.js';
import { limitRate } from './limit-rate.js';
import { sendProblems } from './problem.js';
import { createPostgresRates } from '../db/ports/postgres-rates.js';
import { startTestServer, type TestServer } from '../db/test-lab.js';

/** One request at once, and the next one after ten seconds. */
const RATE_PER_S = 0.1;
let postgres: TestServer;
let server: Server;
let url = '';

beforeAll(async () => {
  postgres = await startTestServer();
  const { db } = await postgres.open();
  const app = express();
  app.use(limitRate(createPostgresRates(db), RATE_PER_S));
  app.use((_request, response) => void response.json({}));
  app.use(sendProblems({ info: () => undefined, warn: () => undefined, error: () => undefined }));
  server = createServer(app);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/api/v1`;
});
afterAll(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  await postgres.stop();
});

test('a user who floods is refused with a time to come again, and can still read and control runs', async () => {
  expect((await fetch(`${url}/runs`, { method: 'POST' })).status).toBe(200);
  const refused = await fetch(`${url}/runs`, { method: 'POST' });
  expect(refused.status).toBe(429);
  const retryAfterS = Number(refused.headers.get('retry-after'));
  expect(retryAfterS).toBeGreaterThan(0);
  expect(retryAfterS).toBeLessThanOrEqual(1 / RATE_PER_S);
  expect(await refused.json()).toMatchObject({ status: 429, code: 'RATE_LIMITED', remedy: expect.stringContaining('Retry-After') });
  expect((await fetch(`${url}/machines/x`, { method: 'DELETE' })).status).toBe(429);

  expect((await fetch(`${url}/runs`)).status).toBe(200);
  expect((await fetch(`${url}/runs/1/pause`, { method: 'POST' })).status).toBe(200);
  expect((await fetch(`${url}/runs/1/cancel`, { method: 'POST' })).status).toBe(429);
});

test('what takes hold of machines and runs is not kept out by a flood of starts', async () => {
  const control = ['/runs/1/pause', '/runs/1/resume', '/runs/1/cancel', '/inbox/a%2Fb/answer', '/machines/star/abort', '/machines/star/release', '/workcells/star/stop-all', '/workcells/star/stop-all/release', '/workcells/star/journal/accept'];
  const asked = Object.values<RouteContract>(ROUTES).filter(({ isControl }) => isControl === true);
  expect(asked).toHaveLength(control.length);
  const buckets: string[] = [];
  const rates = { take: (key: string) => { buckets.push(key); return Promise.resolve({ allowed: true, retryAfterMs: 0 }); } };
  const app = express();
  app.use(limitRate(rates, 1));
  app.use((_request, response) => void response.json({}));
  const other = createServer(app);
  await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
  const base = `http://127.0.0.1:${(other.address() as AddressInfo).port}/api/v1`;
  for (const path of [...control, '/runs', '/runs/1/continue', '/machines/star/commands', '/labware/pause']) await fetch(`${base}${path}`, { method: 'POST' });
  expect(buckets.map((key) => key.split(':').at(-1))).toEqual([...control.map(() => 'control'), 'write', 'write', 'write', 'write']);
  other.closeAllConnections();
  await new Promise((resolve) => other.close(resolve));
});
