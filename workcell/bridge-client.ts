// The connection to a bridge: newline-delimited JSON-RPC over its unix socket, opened again when it is
// lost. A request that was under way when the connection broke is refused here; who may send it again
// knows (commands may, because the bridge knows their ids).

import { createConnection, type Socket } from 'node:net';
import { isErrorCode, LabError } from '../domain/error.js';
import { WIRE_LINE_LIMIT_BYTES, type BridgeMethods } from '../domain/wire.js';

const CONNECT_TIMEOUT_MS = 2_000;

/** The bridge was not reached, or was lost before it answered. */
export class BridgeUnreachable extends LabError {
  constructor(message: string, cause?: unknown) {
    super('BRIDGE_UNREACHABLE', { message, cause });
    this.name = 'BridgeUnreachable';
  }
}

interface Waiting {
  readonly resolve: (result: never) => void;
  readonly reject: (error: Error) => void;
}

interface Reply {
  readonly id: number | null;
  readonly result?: unknown;
  readonly error?: { readonly message: string; readonly data?: { readonly code?: string; readonly remedy?: string } };
}

export class BridgeClient {
  readonly #socketPath: string;
  readonly #waiting = new Map<number, Waiting>();
  #connecting: Promise<Socket> | undefined;
  #buffered: string[] = [];
  #bufferedBytes = 0;
  #lastId = 0;
  #isClosed = false;

  constructor(socketPath: string) {
    this.#socketPath = socketPath;
  }

  /** Sends one request and waits for its answer. Throws BridgeUnreachable, or the bridge's own refusal. */
  async request<M extends keyof BridgeMethods>(method: M, params: BridgeMethods[M]['params']): Promise<BridgeMethods[M]['result']> {
    const socket = await this.#connect();
    const id = ++this.#lastId;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      socket.write(`${JSON.stringify({ jsonrpc: '2.0', id, method, params })}\n`);
    });
  }

  close(): void {
    this.#isClosed = true;
    void this.#connecting?.then((socket) => socket.destroy(), () => undefined);
  }

  #connect(): Promise<Socket> {
    if (this.#isClosed) return Promise.reject(new BridgeUnreachable('This worker is stopping.'));
    this.#connecting ??= this.#open().catch((error: unknown) => {
      this.#connecting = undefined;
      throw error;
    });
    return this.#connecting;
  }

  #open(): Promise<Socket> {
    return new Promise((resolve, reject) => {
      const socket = createConnection(this.#socketPath);
      socket.setEncoding('utf8');
      const timer = setTimeout(() => socket.destroy(new Error(`no connection within ${CONNECT_TIMEOUT_MS} ms`)), CONNECT_TIMEOUT_MS);
      let cause: Error | undefined;
      socket.on('connect', () => {
        clearTimeout(timer);
        resolve(socket);
      });
      socket.on('data', (chunk: string) => { this.#receive(socket, chunk); });
      // 'close' follows every error and does the work for both.
      socket.on('error', (error) => { cause = error; });
      socket.on('close', () => {
        clearTimeout(timer);
        const lost = new BridgeUnreachable(`The bridge at ${this.#socketPath} does not answer${cause ? ` (${cause.message})` : ''}.`, cause);
        this.#forget(lost);
        reject(lost);
      });
    });
  }

  #receive(socket: Socket, chunk: string): void {
    const lines = chunk.split('\n');
    const tail = lines.pop() ?? '';
    for (const line of lines) {
      const whole = this.#buffered.length > 0 ? this.#buffered.join('') + line : line;
      this.#buffered = [];
      this.#bufferedBytes = 0;
      if (!this.#answer(whole)) {
        socket.destroy(new Error('the bridge sent a line that is no JSON-RPC reply'));
        return;
      }
    }
    if (tail === '') return;
    this.#buffered.push(tail);
    this.#bufferedBytes += tail.length;
    if (this.#bufferedBytes > WIRE_LINE_LIMIT_BYTES) socket.destroy(new Error(`the bridge sent a line over ${WIRE_LINE_LIMIT_BYTES} bytes`));
  }

  /** False for a line that cannot be understood: the stream is then out of step and must not be used. */
  #answer(line: string): boolean {
    let reply: Reply;
    try {
      reply = JSON.parse(line) as Reply;
    } catch {
      return false;
    }
    if (typeof reply.id !== 'number') return false;
    const waiting = this.#waiting.get(reply.id);
    if (!waiting) return true;
    this.#waiting.delete(reply.id);
    if (reply.error) waiting.reject(toLabError(reply.error));
    else waiting.resolve(reply.result as never);
    return true;
  }

  #forget(lost: BridgeUnreachable): void {
    this.#connecting = undefined;
    this.#buffered = [];
    this.#bufferedBytes = 0;
    const waiting = [...this.#waiting.values()];
    this.#waiting.clear();
    for (const each of waiting) each.reject(lost);
  }
}

function toLabError(error: NonNullable<Reply['error']>): LabError {
  const code = error.data?.code ?? '';
  const remedy = error.data?.remedy;
  return new LabError(isErrorCode(code) ? code : 'INTERNAL', { message: error.message, ...(remedy === undefined ? {} : { remedy }) });
}
