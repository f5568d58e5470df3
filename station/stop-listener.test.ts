// The port on which a worker hears a stop, with a real bridge behind it: who connects and says nothing keeps nobody out.

import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { pino } from 'pino';
import { STAR } from '../db/test-lab.js';
import { toStopPlace } from '../domain/workcells/bridge-place.js';
import { RELEASE_PATH, STOP_FOLDER, STOP_PATH, type StopRecord } from '../domain/workcells/stop-all.js';
import { startTestBridge, type TestBridge } from '../test/rig/start-test-bridge.js';
import { waitFor } from '../test/rig/start-lab.js';
import { BridgeClient } from '../workcell/bridge-client.js';
import { listenForStops, type StopListener } from './stop-listener.js';

const SILENT_COUNT = 200;

let home: string;
let bridge: TestBridge;
let stopBridge: BridgeClient;
let listener: StopListener;
let record: StopRecord;
let changes = 0;
const sockets = new Set<Socket>();

beforeAll(async () => {
  home = await mkdtemp(path.join(tmpdir(), 'praxis-stops-'));
  bridge = await startTestBridge({ ...STAR, labware: [] });
  const socket = toStopPlace(bridge.socket);
  stopBridge = new BridgeClient(socket);
  listener = await listenForStops({
    home,
    workcell: 'star',
    socket,
    bridge: stopBridge,
    logger: pino({ level: 'silent' }),
    onChange: () => {
      changes += 1;
    },
  });
  record = JSON.parse(readFileSync(path.join(home, STOP_FOLDER, 'star.json'), 'utf8')) as StopRecord;
});
afterEach(() => {
  for (const socket of sockets) socket.destroy();
  sockets.clear();
});
afterAll(async () => {
  listener?.close();
  stopBridge?.close();
  await bridge?.stop();
  await rm(home, { recursive: true, force: true });
});

/** Connects, and says no more than that. */
async function connectWith(said: string): Promise<Socket> {
  const socket = connect(Number(new URL(record.url).port), '127.0.0.1');
  sockets.add(socket);
  socket.on('error', () => undefined);
  // What is not read hides that the other side has let go.
  socket.resume();
  socket.on('close', () => sockets.delete(socket));
  await new Promise((resolve) => socket.once('connect', resolve));
  socket.write(said);
  return socket;
}

function ask(route: string, body: object, token = record.token): Promise<Response> {
  return fetch(`${record.url}${route}`, { method: 'POST', headers: { authorization: `Bearer ${token}` }, body: JSON.stringify(body) });
}

test.each([
  ['say nothing', ''],
  ['begin a request and do not end it', 'POST /stop HTTP/1.1\r\nhost: x\r\n'],
  [
    'send a request by nobody, whose body never comes',
    `POST ${STOP_PATH} HTTP/1.1\r\nhost: x\r\ncontent-length: 9\r\nauthorization: Bearer x\r\n\r\n`,
  ],
])('two hundred connections that %s keep no stop out', async (_, said) => {
  for (let count = 0; count < SILENT_COUNT; count += 1) await connectWith(said);
  const before = changes;
  const stopped = await ask(STOP_PATH, { by: 'ada', reason: 'smoke' });
  expect(stopped.status).toBe(200);
  const state = (await stopped.json()) as { isStopped: boolean; rev: number };
  expect(state.isStopped).toBe(true);
  expect((await ask(RELEASE_PATH, { by: 'ada', rev: state.rev })).status).toBe(200);
  expect((await stopBridge.request('stop.status', {})).isStopped).toBe(false);
  expect(changes).toBe(before + 2);
  // The oldest were let go for those that came later.
  await waitFor('the oldest to be let go', () => Promise.resolve(sockets.size < SILENT_COUNT));
});

test('whoever has the token and is being answered is not let go for others', async () => {
  const heard = await connectWith(
    `POST ${STOP_PATH} HTTP/1.1\r\nhost: x\r\ncontent-length: 12\r\nauthorization: Bearer ${record.token}\r\n\r\n`,
  );
  // Its headers are read before those of the next one that is answered.
  expect((await ask(STOP_PATH, {}, 'x')).status).toBe(401);
  for (let count = 0; count < SILENT_COUNT; count += 1) await connectWith('');
  const answered = new Promise<string>((resolve) => {
    heard.once('data', (chunk) => {
      resolve(String(chunk));
    });
  });
  heard.write('{"by":"ada"}');
  expect(await answered).toContain('200 OK');
  const { rev } = await stopBridge.request('stop.status', {});
  expect((await ask(RELEASE_PATH, { by: 'ada', rev })).status).toBe(200);
});
