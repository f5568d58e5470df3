// A disk with less room than asked for takes no new run and everything else; with room again, runs are taken again.

import { afterAll, beforeAll, expect, test } from '@jest/globals';
import express from 'express';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { sendProblems } from './problem.js';
import { refuseWhenFull } from './refuse-when-full.js';

/** More than any disk has. */
const TOO_MUCH_MIB = 1e12;
const room = { home: tmpdir(), dataFolders: [tmpdir()], leastFreeMib: TOO_MUCH_MIB };
let server: Server;
let url = '';

beforeAll(async () => {
  const app = express();
  app.use((request, response, next) => { void refuseWhenFull(room)(request, response, next); });
  app.use((_request, response) => void response.json({}));
  app.use(sendProblems({ info: () => undefined, warn: () => undefined, error: () => undefined }));
  server = createServer(app);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/api/v1`;
});
afterAll(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

const STARTS = ['/runs', '/runs/1/continue', '/machines/star/commands'];

test('no run is begun below the limit, while runs under way are read and controlled', async () => {
  room.leastFreeMib = TOO_MUCH_MIB;
  for (const path of STARTS) {
    const refused = await fetch(`${url}${path}`, { method: 'POST' });
    expect(refused.status).toBe(503);
    expect(await refused.json()).toMatchObject({ code: 'DISK_FULL', detail: expect.stringMatching(/Only \d+ MiB are free at /u), remedy: expect.stringContaining('Free disk space') });
  }
  for (const path of ['/runs/1/pause', '/runs/1/cancel', '/inbox/x/answer', '/workcells/star/stop-all']) expect((await fetch(`${url}${path}`, { method: 'POST' })).status).toBe(200);
  expect((await fetch(`${url}/runs`)).status).toBe(200);
  room.leastFreeMib = 1;
  for (const path of STARTS) expect((await fetch(`${url}${path}`, { method: 'POST' })).status).toBe(200);
});
