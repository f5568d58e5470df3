// The connection to a bridge: newline-delimited JSON-RPC over its unix socket or over TCP, opened again when it is
// lost. A request that was under way when the connection broke is refused here; who may send it again
// knows (commands may, because the bridge knows their ids).

import { once } from 'node:events';
import type { Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { describeBridgePlace, isRemote, type BridgePlace } from '../domain/workcells/bridge-place.js';
import { isErrorCode, LabError } from '../domain/errors/error.js';
import { WIRE_LINE_LIMIT_BYTES, type BridgeMethods } from '../domain/wire/wire.js';
import { openLink } from './open-link.js';

/** Between attempts to reach another machine; on this one callers set the pace. */
const FIRST_DELAY_MS = 100;
const LONGEST_DELAY_MS = 2_000;
/** A link to another machine may die without a word. While answers are waited for it is asked for a sign of life. */
const PULSE_INTERVAL_MS = 10_000;
const SILENCE_LIMIT_MS = 30_000;

/** The bridge was not reached, or was lost before it answered. */
export class BridgeUnreachable extends LabError {
  constructor(message: string, cause?: unknown) {
    super('BRIDGE_UNREACHABLE', { message, cause });
    this.name = 'BridgeUnreachable';
  }
}

/** One connection, for who speaks first on it. */
export interface Link {
  request<M extends keyof BridgeMethods>(method: M, params: BridgeMethods[M]['params']): Promise<BridgeMethods[M]['result']>;
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
  readonly #place: BridgePlace;
  readonly #greet: ((link: Link) => Promise<void>) | undefined;
  readonly #waiting = new Map<number, Waiting>();
  #connecting: Promise<Socket> | undefined;
  #buffered: string[] = [];
  #bufferedBytes = 0;
  #lastId = 0;
  #delayMs = 0;
  #heardAtMs = 0;
  #isClosed = false;

  /** `greet` speaks first on every connection; nobody else is heard before it is done, and its failure ends the connection. */
  constructor(place: BridgePlace, greet?: (link: Link) => Promise<void>) {
    this.#place = place;
    this.#greet = greet;
  }

  /** Sends one request and waits for its answer. Throws BridgeUnreachable, or the bridge's own refusal. */
  async request<M extends keyof BridgeMethods>(method: M, params: BridgeMethods[M]['params']): Promise<BridgeMethods[M]['result']> {
    const socket = await this.#connect();
    return this.#ask(socket, method, params);
  }

  #ask<M extends keyof BridgeMethods>(socket: Socket, method: M, params: BridgeMethods[M]['params']): Promise<BridgeMethods[M]['result']> {
    // Who was at something else meanwhile may hold a connection that has ended, and would wait for ever.
    if (socket.destroyed) return Promise.reject(this.#toUnreachable(undefined));
    const id = ++this.#lastId;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      socket.write(`${JSON.stringify({ jsonrpc: '2.0', id, method, params })}\n`);
    });
  }

  close(): void {
    this.#isClosed = true;
    void this.#connecting?.then(
      (socket) => socket.destroy(),
      () => undefined,
    );
  }

  #connect(): Promise<Socket> {
    if (this.#isClosed) return Promise.reject(new BridgeUnreachable('This worker is stopping.'));
    this.#connecting ??= this.#openAndGreet().catch((error: unknown) => {
      this.#connecting = undefined;
      throw error;
    });
    return this.#connecting;
  }

  async #openAndGreet(): Promise<Socket> {
    const socket = await this.#open();
    try {
      await this.#greet?.({ request: (method, params) => this.#ask(socket, method, params) });
      return socket;
    } catch (error) {
      socket.destroy();
      // Its end forgets the connection; the next one must not be forgotten with it.
      if (!socket.closed) await once(socket, 'close');
      throw error;
    }
  }

  async #open(): Promise<Socket> {
    if (this.#delayMs > 0) await sleep(this.#delayMs);
    const socket = await openLink(this.#place).catch((error: unknown) => {
      if (isRemote(this.#place)) this.#delayMs = Math.min(Math.max(FIRST_DELAY_MS, this.#delayMs * 2), LONGEST_DELAY_MS);
      throw error instanceof LabError ? error : this.#toUnreachable(error as Error);
    });
    this.#delayMs = 0;
    let cause: Error | undefined;
    socket.on('data', (chunk: string) => {
      this.#receive(socket, chunk);
    });
    // 'close' follows every error and does the work for both.
    socket.on('error', (error) => {
      cause = error;
    });
    const pulse = isRemote(this.#place) ? this.#watchPulse(socket) : undefined;
    socket.on('close', () => {
      clearInterval(pulse);
      this.#forget(this.#toUnreachable(cause));
    });
    if (this.#isClosed) socket.destroy();
    return socket;
  }

  #toUnreachable(cause: Error | undefined): BridgeUnreachable {
    return new BridgeUnreachable(
      `The bridge at ${describeBridgePlace(this.#place)} does not answer${cause ? ` (${cause.message})` : ''}.`,
      cause,
    );
  }

  #watchPulse(socket: Socket): NodeJS.Timeout {
    this.#heardAtMs = performance.now();
    return setInterval(() => {
      if (this.#waiting.size === 0) this.#heardAtMs = performance.now();
      else if (performance.now() - this.#heardAtMs > SILENCE_LIMIT_MS) socket.destroy(new Error(`silent for ${SILENCE_LIMIT_MS / 1000} s`));
      // Any answer is the sign; its loss is told to those who wait.
      else this.#ask(socket, 'hello', {}).catch(() => undefined);
    }, PULSE_INTERVAL_MS).unref();
  }

  #receive(socket: Socket, chunk: string): void {
    this.#heardAtMs = performance.now();
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
    if (this.#bufferedBytes > WIRE_LINE_LIMIT_BYTES)
      socket.destroy(new Error(`the bridge sent a line over ${WIRE_LINE_LIMIT_BYTES} bytes`));
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
