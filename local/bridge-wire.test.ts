// Greeting a bridge over a real socket: one that is dying breaks the connection, which must read as nobody there.

import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { sayHello } from './bridge-wire.js';

let folder: string;
let stop = (): void => undefined;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'praxis-wire-'));
});
afterEach(() => {
  stop();
  rmSync(folder, { recursive: true, force: true });
});

async function listen(onBroken: (count: number) => void): Promise<string> {
  const socket = path.join(folder, 'bridge.sock');
  let count = 0;
  // Closed with the question unread, which the other side sees as a reset.
  const server = createServer({ pauseOnConnect: true }, (connection) => {
    setTimeout(() => {
      connection.destroy();
      onBroken((count += 1));
    }, 20);
  });
  await new Promise<void>((resolve) => {
    server.listen(socket, resolve);
  });
  stop = () => {
    server.close();
  };
  return socket;
}

test('nobody listens: no bridge', async () => {
  expect(await sayHello(path.join(folder, 'none.sock'))).toBeNull();
});

test('a process that dies while it is greeted: asked again, then no bridge', async () => {
  const seen: number[] = [];
  const socket = await listen((count) => {
    seen.push(count);
    if (count === 2) stop();
  });
  expect(await sayHello(socket)).toBeNull();
  expect(seen).toEqual([1, 2]);
});
