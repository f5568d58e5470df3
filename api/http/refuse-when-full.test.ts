// A disk with less room than asked for takes no new run and everything else; with room again, runs are taken again.

import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { tmpdir } from 'node:os';
import { refuseWhenFull } from './refuse-when-full.js';
import { serveGuardedRoutes, type GuardedRoutes } from './test-guards.js';

/** More than any disk has. */
const TOO_MUCH_MIB = 1e12;
const room = { home: tmpdir(), dataFolders: [tmpdir()], leastFreeMib: TOO_MUCH_MIB };
let routes: GuardedRoutes;

beforeAll(async () => {
  routes = await serveGuardedRoutes(({ startsRun }) => (startsRun === true ? [(...given) => refuseWhenFull(room)(...given)] : []));
});
afterAll(() => routes.close());

const post = (path: string): Promise<Response> => fetch(`${routes.url}${path}`, { method: 'POST' });
const STARTS = ['/runs', '/runs/1/continue', '/machines/star/commands'];

test('no run is begun below the limit, while runs under way are read and controlled', async () => {
  room.leastFreeMib = TOO_MUCH_MIB;
  for (const path of STARTS) {
    const refused = await post(path);
    expect(refused.status).toBe(503);
    expect(await refused.json()).toMatchObject({
      code: 'DISK_FULL',
      detail: expect.stringMatching(/Only \d+ MiB are free at /u),
      remedy: expect.stringContaining('Free disk space'),
    });
  }
  for (const path of ['/runs/1/pause', '/runs/1/cancel', '/inbox/x/answer', '/workcells/star/stop-all'])
    expect((await post(path)).status).toBe(200);
  expect((await fetch(`${routes.url}/runs`)).status).toBe(200);
  room.leastFreeMib = 1;
  for (const path of STARTS) expect((await post(path)).status).toBe(200);
});
