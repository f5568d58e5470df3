// The one way of a browser to Temporal's Web UI, which itself checks no Host, and of an Authorization header nothing at all.
// What passes the door is sent on with a header of the door's own, so that the Web UI asks for no proof of its own pages.

import {
  createServer,
  request as sendRequest,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from 'node:http';
import type { Socket } from 'node:net';
import { pipeline } from 'node:stream';
import type { Logger } from '../http/logger.js';
import { LabError } from '../../domain/errors/error.js';
import type { WebUiPlace } from '../../platform/temporal-door.js';
import { judgeRequest, toDoorRules, toSession, type DoorRules } from './judge-request.js';

const LOOPBACK = '127.0.0.1';
const HEADERS_LIMIT_BYTES = 16 * 1024;
const HEADERS_TIMEOUT_MS = 10_000;
/** The Web UI asks for histories by long polls. */
const REQUEST_TIMEOUT_MS = 90_000;
const CONNECTIONS_LIMIT = 128;
/** Of a connection, or by which a client would speak past the door; the Web UI passes the Authorization header on to Temporal. */
const NOT_PASSED_ON: ReadonlySet<string> = new Set([
  ...['host', 'connection', 'keep-alive', 'transfer-encoding', 'upgrade', 'te', 'trailer', 'expect', 'cookie', 'proxy-authorization'],
  ...['authorization', 'authorization-extras', 'x-http-method-override'],
]);
const GUARDS: Readonly<Record<string, string>> = {
  'x-frame-options': 'DENY',
  'content-security-policy': "frame-ancestors 'none'; base-uri 'self'; object-src 'none'; connect-src 'self'; form-action 'self'",
  'cross-origin-resource-policy': 'same-origin',
  'cross-origin-opener-policy': 'same-origin',
  'referrer-policy': 'same-origin',
  'x-content-type-options': 'nosniff',
};

export interface TemporalDoorWorld {
  readonly port: number;
  readonly key: string;
  /** Where the Web UI is at this moment: it moves whenever its server is started anew. */
  readonly findWebUi: () => WebUiPlace | null;
  readonly logger: Logger;
}

export interface TemporalDoor {
  close(): Promise<void>;
}

export async function serveTemporalDoor(world: TemporalDoorWorld): Promise<TemporalDoor> {
  const rules = toDoorRules(world.port, world.key);
  const limits = { maxHeaderSize: HEADERS_LIMIT_BYTES, headersTimeout: HEADERS_TIMEOUT_MS, requestTimeout: REQUEST_TIMEOUT_MS };
  const refused = new WeakSet<Socket>();
  const server = createServer(limits, (request, response) => {
    // Its connection is being closed; nothing that was sent behind a refused request is heard.
    if (refused.has(request.socket)) response.destroy();
    else if (!answerSafely(world, rules, { request, response })) refused.add(request.socket);
  });
  server.maxConnections = CONNECTIONS_LIMIT;
  // Nothing of the Web UI is a web socket.
  server.on('upgrade', (_request, socket) => socket.destroy());
  server.on('connect', (_request, socket) => socket.destroy());
  await listen(server, world.port);
  return {
    close: async () => {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeAllConnections();
      await closed;
    },
  };
}

interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
}

/** Nothing that is sent here may end the process, which is that of the whole API. False where the request was refused. */
function answerSafely(world: TemporalDoorWorld, rules: DoorRules, exchange: Exchange): boolean {
  try {
    return answer(world, rules, exchange);
  } catch (error) {
    world.logger.warn({ err: error }, 'a request at the door to the Temporal Web UI could not be answered');
    if (exchange.response.headersSent) exchange.response.destroy();
    else say(exchange, 400, 'This request can not be sent on.');
    return false;
  }
}

/** False where the request was refused. */
function answer(world: TemporalDoorWorld, rules: DoorRules, { request, response }: Exchange): boolean {
  const judgement = judgeRequest(rules, request);
  switch (judgement.kind) {
    case 'pass':
      passOn(world, { request, response });
      return true;
    case 'enter':
      response
        .writeHead(303, {
          ...GUARDS,
          location: judgement.location,
          'set-cookie': `${rules.cookieName}=${toSession(rules)}; HttpOnly; SameSite=Strict; Path=/`,
          'cache-control': 'no-store',
        })
        .end();
      return true;
    case 'refuse':
      world.logger.info(
        { status: judgement.status, method: request.method, host: request.headers.host, origin: request.headers.origin },
        'the door to the Temporal Web UI refused a request',
      );
      say({ request, response }, judgement.status, judgement.sentence);
      return false;
  }
}

function passOn({ findWebUi, logger }: TemporalDoorWorld, { request, response }: Exchange): void {
  const place = findWebUi();
  const giveUp = (): void => {
    if (response.headersSent) response.destroy();
    else say({ request, response }, 502, 'The Temporal Web UI does not answer; the lab starts it again by itself.');
  };
  if (place === null) {
    giveUp();
    return;
  }
  const headers = { ...toPassedOn(request.headers), host: `${place.host}:${place.port}`, authorization: 'Bearer door' };
  const onward = sendRequest({ host: place.host, port: place.port, method: request.method, path: request.url, headers }, (reply) => {
    const kept = Object.entries(reply.headers).filter(
      ([name]) => !name.startsWith('access-control-') && name !== 'set-cookie' && !(name in GUARDS),
    );
    response.writeHead(reply.statusCode ?? 502, { ...Object.fromEntries(kept), ...GUARDS });
    // One that breaks off is broken for the browser too, which else waits for the rest; a browser that leaves ends what is behind it.
    pipeline(reply, response, () => undefined);
  });
  onward.on('error', (error) => {
    logger.info({ err: error }, 'the Temporal Web UI does not answer');
    giveUp();
  });
  response.on('close', () => onward.destroy());
  request.pipe(onward);
}

function toPassedOn(headers: IncomingHttpHeaders): IncomingHttpHeaders {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !NOT_PASSED_ON.has(name)));
}

/** To the Web UI as Temporal's own errors are, so that it shows the sentence; to a person as a sentence. */
function say({ request, response }: Exchange, status: number, sentence: string): void {
  const isApi = request.url?.startsWith('/api/') === true;
  const body = isApi ? JSON.stringify({ code: status === 401 ? 16 : 7, message: sentence }) : `${sentence}\n`;
  response
    .writeHead(status, {
      ...GUARDS,
      'content-type': isApi ? 'application/json' : 'text/plain; charset=utf-8',
      'cache-control': 'no-store',
      connection: 'close',
    })
    .end(body);
}

function listen(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error) =>
      reject(new LabError('PORT_BUSY', { message: `Port ${port}, wanted for the Temporal Web UI, can not be used.`, cause: error })),
    );
    server.listen(port, LOOPBACK, resolve);
  });
}
