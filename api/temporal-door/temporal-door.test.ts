// The door to the Temporal Web UI against requests as hostile pages and programs send them, byte by byte, in front of a
// server that tells what reached it.

import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import { findFreePorts } from '../../local/free-ports.js';
import { serveTemporalDoor, type TemporalDoor } from './serve-temporal-door.js';

const KEY = 'k'.repeat(32);
/** Its answer breaks off in the middle. */
const BROKEN = '/broken-off';
const SILENCE_MS = 5_000;
const LIST = '/api/v1/namespaces/praxis/workflows';
const END = '/api/v1/namespaces/praxis/workflows/run-1/terminate';

const reached: { method: string; url: string; headers: IncomingHttpHeaders; body: string }[] = [];
let webUi: Server;
let door: TemporalDoor;
let port = 0;
let host = '';
let session = '';

beforeAll(async () => {
  webUi = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => (body += chunk.toString()));
    request.on('end', () => {
      if (request.url === BROKEN) {
        response.writeHead(200, { 'content-length': '100' }).write('a part of it', () => response.destroy());
        return;
      }
      reached.push({ method: request.method ?? '', url: request.url ?? '', headers: request.headers, body });
      response.writeHead(200, { 'set-cookie': '_csrf=x', 'access-control-allow-origin': '*' }).end('here');
    });
  });
  await new Promise<void>((resolve) => webUi.listen(0, '127.0.0.1', resolve));
  port = await findFreePorts(1);
  host = `127.0.0.1:${port}`;
  const place = { host: '127.0.0.1', port: (webUi.address() as AddressInfo).port };
  door = await serveTemporalDoor({
    port,
    key: KEY,
    findWebUi: () => place,
    logger: { info: () => undefined, warn: () => undefined, error: () => undefined },
  });
  const entered = await send(`GET /namespaces/praxis?key=${KEY}&x=1 HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`);
  expect(entered).toMatch(/^HTTP\/1\.1 303[\s\S]*location: \/namespaces\/praxis\?x=1\r\n[\s\S]*HttpOnly; SameSite=Strict; Path=\//iu);
  session = /set-cookie: ([^;]+);/iu.exec(entered)?.[1] ?? '';
  expect(session).toContain(String(port));
  expect(session).not.toContain(KEY);
});
afterAll(async () => {
  await door.close();
  await new Promise((resolve) => webUi.close(resolve));
});

/** What comes back for these bytes. */
function send(text: string): Promise<string> {
  return new Promise((resolve) => {
    let reply = '';
    const socket = connect(port, '127.0.0.1', () => socket.write(text));
    const done = (): void => {
      socket.destroy();
      resolve(reply);
    };
    socket.on('data', (data) => (reply += data.toString()));
    socket.on('close', done).on('error', done).setTimeout(SILENCE_MS, done);
  });
}

type Headers = Readonly<Record<string, string>>;

async function ask(method: string, path: string, headers: Headers, body = ''): Promise<string> {
  const lines = Object.entries({ Host: host, Connection: 'close', 'Content-Length': String(body.length), ...headers }).map(
    ([name, value]) => `${name}: ${value}`,
  );
  return toStatuses(await send([`${method} ${path} HTTP/1.1`, ...lines, '', body].join('\r\n')));
}

function toStatuses(reply: string): string {
  return [...reply.matchAll(/HTTP\/1\.1 (\d+)/gu)].map((found) => found[1]).join() || 'closed';
}

const person = (): Headers => ({ Cookie: `other=1; ${session}`, Origin: `http://${host}`, 'Sec-Fetch-Site': 'same-origin' });
const visit = (): Headers => ({ Cookie: session, 'Sec-Fetch-Mode': 'navigate', 'Sec-Fetch-Dest': 'document' });

test('a person reads, writes and follows a link, and the Web UI learns nothing of the session', async () => {
  reached.length = 0;
  expect(await ask('GET', LIST, { Cookie: session })).toBe('200');
  expect(await ask('GET', '/namespaces/praxis/workflows', { ...visit(), 'Sec-Fetch-Site': 'same-site' })).toBe('200');
  expect(await ask('POST', END, { ...person(), Authorization: 'Bearer mine', 'Content-Type': 'text/plain' }, '{"reason":"x"}')).toBe('200');
  expect(await ask('GET', LIST, { ...person(), Host: `localhost:${port}`, Origin: `http://localhost:${port}` })).toBe('200');
  expect(reached.map(({ method, body }) => [method, body])).toEqual([
    ['GET', ''],
    ['GET', ''],
    ['POST', '{"reason":"x"}'],
    ['GET', ''],
  ]);
  for (const { headers } of reached) {
    expect(headers.cookie).toBeUndefined();
    expect(headers.authorization).toBe('Bearer door');
  }
  const reply = await send(`GET ${LIST} HTTP/1.1\r\nHost: ${host}\r\nCookie: ${session}\r\nConnection: close\r\n\r\n`);
  expect(reply).toMatch(/frame-ancestors 'none'/u);
  expect(reply).not.toMatch(/_csrf|access-control/iu);
});

test.each<[string, string, () => Promise<string>]>([
  ['without the session', '401', () => ask('GET', LIST, {})],
  ['with another key', '401', () => ask('GET', `/?key=${KEY}x`, {})],
  ['with the right key under another name', '421', () => ask('GET', `/?key=${KEY}`, { Host: 'evil.test' })],
  [
    'under another name',
    '421',
    () => ask('POST', END, { ...person(), Host: `evil.test:${port}`, Origin: `http://evil.test:${port}` }, '{}'),
  ],
  ['with an Authorization under another name', '421', () => ask('POST', END, { Host: 'evil.test', Authorization: 'Bearer x' }, '{}')],
  ['with our name and another port', '421', () => ask('GET', LIST, { ...person(), Host: '127.0.0.1:80' })],
  ['with our name and no port', '421', () => ask('GET', LIST, { ...person(), Host: '127.0.0.1' })],
  ['with a dot behind the name', '421', () => ask('GET', LIST, { ...person(), Host: `localhost.:${port}` })],
  [
    'with two Hosts',
    '400|421',
    async () =>
      toStatuses(await send(`GET ${LIST} HTTP/1.1\r\nHost: ${host}\r\nHost: evil.test\r\nCookie: ${session}\r\nConnection: close\r\n\r\n`)),
  ],
  ['for a whole address', '400', () => ask('GET', `http://127.0.0.1:1${LIST}`, person())],
  ['for an address without a scheme', '400', () => ask('GET', `//127.0.0.1:1${LIST}`, person())],
  ['for a path that is no address', '400', () => ask('GET', '/\\[', {})],
  ['for a path that can not be sent on', '400', () => ask('GET', '/a\fb', person())],
  ['of a page of another site', '403', () => ask('POST', END, { ...person(), Origin: 'http://evil.test' }, '{}')],
  [
    'of a page of another port',
    '403',
    () => ask('POST', END, { ...person(), Origin: 'http://127.0.0.1:80', 'Sec-Fetch-Site': 'same-site' }, '{}'),
  ],
  ['of a page that hides its origin', '403', () => ask('POST', END, { ...person(), Origin: 'null' }, '{}')],
  ['that changes and names no page', '403', () => ask('POST', END, { Cookie: session }, '{}')],
  ['of a same-site page that reads', '403', () => ask('GET', LIST, { Cookie: session, 'Sec-Fetch-Site': 'same-site' })],
  ['of a frame on another page', '403', () => ask('GET', '/', { ...visit(), 'Sec-Fetch-Site': 'cross-site', 'Sec-Fetch-Dest': 'iframe' })],
  ['of a visit to the API from another site', '403', () => ask('GET', LIST, { ...visit(), 'Sec-Fetch-Site': 'cross-site' })],
  ['that asks what is allowed', '403', () => ask('OPTIONS', END, { Origin: 'http://evil.test', 'Access-Control-Request-Method': 'POST' })],
  [
    'that calls itself another method',
    '403',
    () => ask('POST', LIST, { ...person(), 'Sec-Fetch-Site': 'cross-site', 'X-HTTP-Method-Override': 'GET' }),
  ],
  ['for a web socket', 'closed', () => ask('GET', LIST, { ...person(), Connection: 'Upgrade', Upgrade: 'websocket' })],
  ['for a tunnel', 'closed', () => ask('CONNECT', '127.0.0.1:22', {})],
  [
    'with a length and with chunks',
    '400',
    async () =>
      toStatuses(
        await send(
          `POST ${LIST} HTTP/1.1\r\nHost: ${host}\r\nCookie: ${session}\r\nOrigin: http://${host}\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET / HTTP/1.1\r\n\r\n`,
        ),
      ),
  ],
  [
    'behind one that was refused',
    '403',
    async () =>
      toStatuses(
        await send(
          `POST ${END} HTTP/1.1\r\nHost: ${host}\r\nOrigin: http://evil.test\r\nContent-Length: 0\r\n\r\nGET ${LIST} HTTP/1.1\r\nHost: ${host}\r\nCookie: ${session}\r\n\r\n`,
        ),
      ),
  ],
])('a request %s is refused, and nothing reaches the Web UI', async (_what, wanted, sent) => {
  reached.length = 0;
  expect(await sent()).toMatch(new RegExp(`^(?:${wanted})$`, 'u'));
  expect(reached).toEqual([]);
});

test('an answer that breaks off ends for the browser too', async () => {
  const ended = await new Promise<string>((resolve) => {
    const socket = connect(port, '127.0.0.1', () => socket.write(`GET ${BROKEN} HTTP/1.1\r\nHost: ${host}\r\nCookie: ${session}\r\n\r\n`));
    socket.on('data', () => undefined).on('error', () => undefined);
    socket.on('close', () => {
      resolve('closed');
    });
    socket.setTimeout(SILENCE_MS, () => {
      resolve('still open');
      socket.destroy();
    });
  });
  expect(ended).toBe('closed');
});
