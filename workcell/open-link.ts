// Opens a connection to a bridge, up to the point where requests may be sent: over TCP the token goes first, and a bridge of
// another wire version is refused.

import { once } from 'node:events';
import { readFileSync, statSync } from 'node:fs';
import { createConnection, isIP, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { describeBridgePlace, isRemote, type BridgePlace, type RemoteBridge } from '../domain/workcells/bridge-place.js';
import { LabError } from '../domain/errors/error.js';
import { isJsonObject, type Json } from '../domain/json/json.js';
import { WIRE_VERSION } from '../domain/wire/wire.js';

const CONNECT_TIMEOUT_MS = 2_000;
/** To another machine, with TLS and the token. */
const REMOTE_CONNECT_TIMEOUT_MS = 6_000;
const KEEP_ALIVE_AFTER_MS = 10_000;
const FIRST_ANSWER_LIMIT_BYTES = 16 * 1024;

/** A connected socket in UTF-8. Throws BRIDGE_UNREACHABLE, UNAUTHORISED, BAD_SETTING; of a unix socket the system's own error. */
export async function openLink(place: BridgePlace): Promise<Socket> {
  if (!isRemote(place)) return await connect(createConnection(place), 'connect', AbortSignal.timeout(CONNECT_TIMEOUT_MS));
  const token = readToken(place.tokenFile);
  const inTime = AbortSignal.timeout(REMOTE_CONNECT_TIMEOUT_MS);
  try {
    const socket = await connect(connectRemote(place), place.certificateFile === null ? 'connect' : 'secureConnect', inTime);
    socket.setNoDelay(true).setKeepAlive(true, KEEP_ALIVE_AFTER_MS);
    const wrong = findRefusal(await sayToken(socket, token, inTime), place);
    if (wrong === null) return socket;
    socket.destroy();
    throw wrong;
  } catch (error) {
    if (error instanceof LabError) throw error;
    throw new LabError('BRIDGE_UNREACHABLE', {
      message: `The bridge at ${describeBridgePlace(place)} can't be reached (${(error as Error).message}).`,
      remedy: 'Start it on the instrument PC with --listen, and look whether the tunnel to it is up.',
      cause: error,
    });
  }
}

function connectRemote({ host, port, certificateFile }: RemoteBridge): Socket {
  if (certificateFile === null) return createConnection({ host, port });
  return connectTls({
    host,
    port,
    ca: readFileSync(certificateFile),
    minVersion: 'TLSv1.2',
    ...(isIP(host) === 0 ? { servername: host } : {}),
  });
}

async function connect(socket: Socket, event: 'connect' | 'secureConnect', signal: AbortSignal): Promise<Socket> {
  socket.setEncoding('utf8');
  // Whoever waits is told below; what a socket that was given up still says concerns nobody.
  socket.on('error', () => undefined);
  await waitFor(socket, event, signal);
  return socket;
}

/** The first line that comes back. */
async function sayToken(socket: Socket, token: string, inTime: AbortSignal): Promise<string> {
  const closed = new AbortController();
  socket.once('close', () => {
    closed.abort(new Error('it closed the connection'));
  });
  socket.write(`${JSON.stringify({ jsonrpc: '2.0', id: 0, method: 'authenticate', params: { token } })}\n`);
  let text = '';
  while (!text.includes('\n')) {
    if (text.length > FIRST_ANSWER_LIMIT_BYTES)
      throw new LabError('BRIDGE_UNREACHABLE', { message: 'What answers is no bridge: its first line is too long.' });
    text += await waitFor(socket, 'data', AbortSignal.any([inTime, closed.signal]));
  }
  return text.slice(0, text.indexOf('\n'));
}

async function waitFor(socket: Socket, event: 'connect' | 'secureConnect' | 'data', signal: AbortSignal): Promise<string> {
  try {
    const [chunk] = (await once(socket, event, { signal })) as [string?];
    return chunk ?? '';
  } catch (error) {
    socket.destroy();
    throw signal.aborted ? toError(signal.reason) : error;
  }
}

function toError(reason: unknown): Error {
  return reason instanceof Error && reason.name !== 'TimeoutError' ? reason : new Error('it did not answer in time');
}

function findRefusal(line: string, place: RemoteBridge): LabError | null {
  const where = describeBridgePlace(place);
  const { result, error } = parse(line);
  if (isJsonObject(error))
    return new LabError('UNAUTHORISED', { message: `The bridge at ${where} does not know the token of ${place.tokenFile}.` });
  const version = isJsonObject(result) ? result['wireVersion'] : undefined;
  if (typeof version !== 'number')
    return new LabError('BRIDGE_UNREACHABLE', {
      message: `What answers at ${where} is no bridge.`,
      remedy: 'Compare PRAXIS_BRIDGE_ADDRESS with --listen of the bridge.',
    });
  if (version === WIRE_VERSION) return null;
  return new LabError('BRIDGE_UNREACHABLE', {
    message: `The bridge at ${where} speaks version ${version} of the wire, and this lab version ${WIRE_VERSION}.`,
    remedy: 'Bring both to the same release of Praxis.',
  });
}

function parse(line: string): Readonly<Record<string, Json | undefined>> {
  try {
    const answer: unknown = JSON.parse(line);
    return isJsonObject(answer) ? answer : {};
  } catch {
    // Told by the caller as an answer that is no bridge's.
    return {};
  }
}

function readToken(file: string): string {
  try {
    if ((statSync(file).mode & 0o077) === 0) return readFileSync(file, 'utf8').trim();
  } catch (error) {
    throw new LabError('BAD_SETTING', {
      message: `The token file ${file} can't be read: ${(error as Error).message}.`,
      field: 'PRAXIS_BRIDGE_TOKEN_FILE',
      cause: error,
    });
  }
  throw new LabError('BAD_SETTING', {
    message: `Others may read ${file}.`,
    field: 'PRAXIS_BRIDGE_TOKEN_FILE',
    remedy: `chmod 600 ${file}`,
  });
}
