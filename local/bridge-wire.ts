// One question to a bridge: opens a connection, sends one request, reads one answer, closes.
// The supervisor needs no more than `hello` and `shutdown`; commands go through the workcell worker.

import { setTimeout as sleep } from 'node:timers/promises';
import type { BridgePlace } from '../domain/workcells/bridge-place.js';
import { LabError } from '../domain/errors/error.js';
import { isJsonObject } from '../domain/json/json.js';
import { WIRE_LINE_LIMIT_BYTES, type BridgeHello, type BridgeMethods } from '../domain/wire/wire.js';
import { openLink } from '../workcell/open-link.js';

const HELLO_TIMEOUT_MS = 2_000;
const ASK_AGAIN_AFTER_MS = 30;

/** Null where nobody listens on a socket; an answer that is not a bridge's is an error. */
export async function sayHello(place: BridgePlace): Promise<BridgeHello | null> {
  const deadline = performance.now() + HELLO_TIMEOUT_MS;
  for (;;) {
    try {
      return await askBridge(place, 'hello', { params: {}, timeoutMs: HELLO_TIMEOUT_MS });
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === 'ENOENT' || code === 'ECONNREFUSED') return null;
      // The socket of a process that is just dying still takes a connection, and breaks it: soon nobody listens.
      const isDying = code === 'ECONNRESET' || code === 'EPIPE';
      if (!isDying || performance.now() >= deadline) throw error;
    }
    await sleep(ASK_AGAIN_AFTER_MS);
  }
}

export async function askBridge<M extends 'hello' | 'shutdown' | 'stop.status'>(
  place: BridgePlace,
  method: M,
  request: { params: BridgeMethods[M]['params']; timeoutMs: number },
): Promise<BridgeMethods[M]['result']> {
  const socket = await openLink(place);
  return await new Promise((resolve, reject) => {
    let text = '';
    const fail = (why: string): void => {
      socket.destroy();
      reject(new LabError('BRIDGE_UNREACHABLE', { message: `The bridge did not answer ${method}: ${why}.` }));
    };
    const timer = setTimeout(() => fail(`silent for ${request.timeoutMs / 1000} s`), request.timeoutMs);
    socket.write(`${JSON.stringify({ jsonrpc: '2.0', id: 1, method, params: request.params })}\n`);
    socket.once('error', (error) => {
      clearTimeout(timer);
      reject(error);
    });
    socket.once('close', () => {
      clearTimeout(timer);
      fail('it closed the connection');
    });
    socket.on('data', (chunk: string) => {
      text += chunk;
      const end = text.indexOf('\n');
      if (end < 0) {
        if (text.length > WIRE_LINE_LIMIT_BYTES) fail('its answer is too long');
        return;
      }
      const answer = parseAnswer(text.slice(0, end));
      if (typeof answer === 'string') {
        fail(answer);
        return;
      }
      resolve(answer.result as BridgeMethods[M]['result']);
      socket.end();
    });
  });
}

function parseAnswer(line: string): { result: unknown } | string {
  try {
    const answer: unknown = JSON.parse(line);
    if (isJsonObject(answer) && 'result' in answer) return { result: answer['result'] };
    return `it refused with ${line.slice(0, 200)}`;
  } catch {
    return 'its answer is not JSON';
  }
}
