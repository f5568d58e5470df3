// HTTP on loopback, straight to this worker: stop all and its release, with the static token of the workcell. It needs the
// bridge and nothing else.

import { timingSafeEqual } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import type { BridgePlace } from '../domain/workcells/bridge-place.js';
import { LabError } from '../domain/errors/error.js';
import { isJsonObject, type Json, type JsonObject } from '../domain/json/json.js';
import { RELEASE_PATH, STOP_PATH } from '../domain/workcells/stop-all.js';
import type { Logger } from '../platform/logging.js';
import type { BridgeClient } from '../workcell/bridge-client.js';
import { readStopRecord, writeStopRecord } from './stop-record.js';
import { toUnheardStop } from './unheard-stop.js';

const LOOPBACK = '127.0.0.1';
const BODY_LIMIT_BYTES = 16 * 1024;
const REQUEST_LIMIT_MS = 5_000;
/** Connections that have not shown the token. The oldest is let go for one more, so that nobody who is silent keeps a person out. */
const UNHEARD_LIMIT = 64;

export interface StopListenerWorld {
  readonly home: string;
  readonly workcell: string;
  /** Of the bridge, for stopping. */
  readonly socket: BridgePlace;
  readonly bridge: Pick<BridgeClient, 'request'>;
  readonly logger: Logger;
  /** After a stop or a release: the runs shall hear of it at once. */
  readonly onChange: () => void;
}

export interface StopListener {
  close(): void;
}

export async function listenForStops(world: StopListenerWorld): Promise<StopListener> {
  const { home, workcell, socket, logger } = world;
  const { token, port } = readStopRecord(home, workcell);
  const unheard = new Set<Socket>();
  const server = createServer({ requestTimeout: REQUEST_LIMIT_MS, headersTimeout: REQUEST_LIMIT_MS }, (request, response) => {
    if (isAllowed(request, token)) unheard.delete(request.socket);
    void answer(world, token, request)
      .catch((error: unknown) => toRefusal(error))
      .then(({ status, body }) => {
        send(response, status, body);
      });
  });
  server.on('connection', (socket: Socket) => {
    letIn(unheard, socket);
  });
  // The port of the last time may have been given to another program.
  await listen(server, port).catch(() => listen(server, 0));
  const url = `http://${LOOPBACK}:${(server.address() as AddressInfo).port}`;
  writeStopRecord(home, { workcell, url, token, socket });
  logger.info({ url }, 'stop all is heard here');
  return {
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}

function letIn(unheard: Set<Socket>, socket: Socket): void {
  unheard.add(socket);
  socket.once('close', () => unheard.delete(socket));
  const [oldest] = unheard;
  if (unheard.size > UNHEARD_LIMIT) oldest?.destroy();
}

interface Answer {
  readonly status: number;
  readonly body: JsonObject;
}

async function answer({ bridge, workcell, onChange }: StopListenerWorld, token: string, request: IncomingMessage): Promise<Answer> {
  if (!isAllowed(request, token))
    return {
      status: 401,
      body: { code: 'UNAUTHORIZED', detail: 'Send the token of <home>/stop-all/<workcell>.json as Authorization: Bearer.' },
    };
  const route = `${request.method ?? ''} ${request.url ?? ''}`;
  if (route === `GET ${STOP_PATH}`) return toOk(await bridge.request('stop.status', {}));
  if (route !== `POST ${STOP_PATH}` && route !== `POST ${RELEASE_PATH}`)
    throw new LabError('ROUTE_NOT_FOUND', { message: `There is ${STOP_PATH} and ${RELEASE_PATH} here.` });
  const { by, reason = '', rev } = await readBody(request);
  if (typeof by !== 'string' || typeof reason !== 'string')
    throw new LabError('INVALID_REQUEST', { message: 'Say who and why: {"by": "ada", "reason": "smoke"}.' });
  if (route === `POST ${STOP_PATH}`)
    return toOk(
      await bridge.request('stop.all', { by, reason }).catch((error: unknown) => {
        throw toUnheardStop(workcell, error);
      }),
      onChange,
    );
  if (typeof rev !== 'number')
    throw new LabError('INVALID_REQUEST', { message: `Say which stop is released: its rev as GET ${STOP_PATH} tells it.` });
  return toOk(await bridge.request('stop.release', { rev, by, reason }), onChange);
}

function toOk(body: object, onChange?: () => void): Answer {
  onChange?.();
  return { status: 200, body: body as JsonObject };
}

function toRefusal(error: unknown): Answer {
  const known = error instanceof LabError ? error : new LabError('INTERNAL', { message: String(error) });
  return { status: known.httpStatus, body: { code: known.code, detail: known.message, remedy: known.remedy } };
}

function isAllowed({ headers }: IncomingMessage, token: string): boolean {
  const given = Buffer.from(headers.authorization ?? '');
  const wanted = Buffer.from(`Bearer ${token}`);
  return given.length === wanted.length && timingSafeEqual(given, wanted);
}

async function readBody(request: IncomingMessage): Promise<Readonly<Record<string, Json | undefined>>> {
  let text = '';
  request.setEncoding('utf8');
  for await (const chunk of request as AsyncIterable<string>) {
    text += chunk;
    if (text.length > BODY_LIMIT_BYTES) throw new LabError('BODY_TOO_LARGE', { message: `Send at most ${BODY_LIMIT_BYTES} bytes.` });
  }
  try {
    const body: unknown = JSON.parse(text);
    if (isJsonObject(body)) return body;
  } catch {
    // Told below: what is no object is as little use as what is no JSON.
  }
  throw new LabError('MALFORMED_JSON', { message: 'The body is no JSON object.' });
}

function send(response: ServerResponse, status: number, body: JsonObject): void {
  response.writeHead(status, { 'content-type': 'application/json', connection: 'close' });
  response.end(`${JSON.stringify(body)}\n`);
}

function listen(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, LOOPBACK, () => {
      server.removeListener('error', reject);
      resolve();
    });
  });
}
