// The limit on requests that change something: counted in a real store, refused with the time to come again, in buckets that routes declare.

import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { requireRole } from './authenticate.js';
import type { RouteContract } from '../../contract/http/route.js';
import { ROUTES } from '../../contract/http/routes.js';
import { limitRate } from './limit-rate.js';
import { serveGuardedRoutes, type GuardedRoutes } from './test-guards.js';
import { createPostgresRates } from '../../db/ports/postgres-rates.js';
import { startTestServer, type TestServer } from '../../db/test-lab.js';

/** One request at once, and the next one after ten seconds. */
const RATE_PER_S = 0.1;
let postgres: TestServer;
let routes: GuardedRoutes;

beforeAll(async () => {
  postgres = await startTestServer();
  const { db } = await postgres.open();
  const limit = limitRate(createPostgresRates(db), RATE_PER_S);
  routes = await serveGuardedRoutes(({ needs, bucket }) => [requireRole(needs), ...limit(bucket)]);
});
afterAll(async () => {
  await routes.close();
  await postgres.stop();
});

const post = (path: string, token?: string): Promise<Response> =>
  fetch(`${routes.url}${path}`, { method: 'POST', ...(token !== undefined && { headers: { authorization: `Bearer ${token}` } }) });

test('a user who floods is refused with a time to come again, and can still read and control runs', async () => {
  expect((await post('/runs')).status).toBe(200);
  const refused = await post('/runs');
  expect(refused.status).toBe(429);
  const retryAfterS = Number(refused.headers.get('retry-after'));
  expect(retryAfterS).toBeGreaterThan(0);
  expect(retryAfterS).toBeLessThanOrEqual(1 / RATE_PER_S);
  expect(await refused.json()).toMatchObject({ status: 429, code: 'RATE_LIMITED', remedy: expect.stringContaining('Retry-After') });

  expect((await fetch(`${routes.url}/runs`)).status).toBe(200);
  expect((await post('/runs/1/pause')).status).toBe(200);
  expect((await post('/runs/1/cancel')).status).toBe(429);
  // Another user has buckets of their own.
  expect((await post('/runs', 'token-of-an-operator')).status).toBe(200);
});

test('a viewer reads and rehearses, and is told which role the rest needs', async () => {
  const refused = await post('/runs/1/cancel', 'token-of-a-viewer');
  expect(refused.status).toBe(403);
  expect(await refused.json()).toMatchObject({
    code: 'FORBIDDEN',
    detail: 'A viewer may not POST /api/v1/runs/1/cancel; it needs the role operator.',
  });
  expect((await fetch(`${routes.url}/runs`, { headers: { authorization: 'Bearer token-of-a-viewer' } })).status).toBe(200);
});

test('what takes hold of machines and runs is not kept out by a flood of starts', () => {
  const listIn = (wanted: string): string[] =>
    Object.values<RouteContract>(ROUTES).flatMap(({ method, path, bucket }) => (bucket === wanted ? [`${method} ${path}`] : []));
  expect(listIn('control').sort()).toEqual([
    'post /inbox/{id}/answer',
    'post /machines/{name}/abort',
    'post /machines/{name}/release',
    'post /runs/{id}/cancel',
    'post /runs/{id}/pause',
    'post /runs/{id}/resume',
    'post /workcells/{workcell}/journal/accept',
    'post /workcells/{workcell}/stop-all',
    'post /workcells/{workcell}/stop-all/release',
  ]);
  expect(listIn('read').filter((route) => route.startsWith('post'))).toEqual([]);
});
