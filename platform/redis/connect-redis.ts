// The connections to Redis: one for calls, and one for hints as soon as somebody wants them. Both come back by
// themselves after every loss; a call while Redis is away fails at once instead of waiting for it.

import { createHash } from 'node:crypto';
import { Redis as Client } from 'ioredis';
import { LabError } from '../../domain/errors/error.js';

const CONNECT_TIMEOUT_MS = 2_000;
const FIRST_RETRY_MS = 50;
const LONGEST_RETRY_MS = 2_000;
/** A connection can die without a word: it is asked this often, and given up when nothing came for twice as long. */
const PING_INTERVAL_MS = 5_000;
const SILENCE_LIMIT_MS = 2 * PING_INTERVAL_MS;
/** Calls that may wait for their answer; further ones fail at once. */
const CALLS_AT_ONCE_MAX = 10_000;

export interface RedisScript {
  readonly source: string;
  readonly sha1: string;
}

export interface HintListener {
  readonly onHint: (hint: string) => void;
  /** Hints may have been missed: the connection was lost, or stands (again). */
  readonly onGap: () => void;
}

export interface Redis {
  send(args: readonly string[]): Promise<unknown>;
  /** Runs a script on the server, in one step that nothing comes between. */
  run(script: RedisScript, keys: readonly string[], args: readonly (string | number)[]): Promise<unknown>;
  /** Hears one channel on a connection of its own, until all is closed. */
  listen(channel: string, listener: HintListener): void;
  close(): void;
}

export interface RedisOptions {
  /** `redis://…`, `rediss://…`, or `unix:///path/of/socket`. */
  readonly url: string;
  /** Shown by CLIENT LIST. */
  readonly clientName: string;
  readonly onError: (error: Error) => void;
}

export function connectRedis(options: RedisOptions): Redis {
  const client = openClient(options);
  const clients: Client[] = [client];
  let calls = 0;
  // Only the first attempt to connect is waited for: whoever comes just after the start meets no false refusal.
  const firstAttempt = new Promise<void>((resolve) => {
    client.once('ready', () => resolve());
    client.once('error', () => resolve());
  });
  const send = async ([command = '', ...args]: readonly string[]): Promise<unknown> => {
    if (calls >= CALLS_AT_ONCE_MAX)
      throw new LabError('INTERNAL', { message: `${CALLS_AT_ONCE_MAX} calls of Redis wait for their answers.` });
    calls += 1;
    try {
      await firstAttempt;
      return await client.call(command, ...args);
    } finally {
      calls -= 1;
    }
  };
  return {
    send,
    async run(script, keys, args) {
      const rest = [String(keys.length), ...keys, ...args.map(String)];
      try {
        return await send(['EVALSHA', script.sha1, ...rest]);
      } catch (error) {
        // A server that was restarted or flushed of scripts has never heard of it.
        if (error instanceof Error && error.message.startsWith('NOSCRIPT')) return send(['EVAL', script.source, ...rest]);
        throw error;
      }
    },
    listen(channel, { onHint, onGap }) {
      const listening = openClient(options);
      clients.push(listening);
      listening.on('message', (_channel, hint: string) => onHint(hint));
      // A subscription that the loss of the connection cut off is made again with the next one.
      listening.on('ready', () => void listening.subscribe(channel).then(onGap, options.onError));
      listening.on('reconnecting', onGap);
    },
    close() {
      for (const open of clients) open.disconnect();
    },
  };
}

export function describeScript(source: string): RedisScript {
  return { source, sha1: createHash('sha1').update(source).digest('hex') };
}

function openClient({ url, clientName, onError }: RedisOptions): Client {
  const client = new Client(url.startsWith('unix:') ? decodeURIComponent(new URL(url).pathname) : url, {
    protocol: 2,
    connectionName: clientName,
    disableClientInfo: true,
    // What cannot be sent now, or was under way when the connection was lost, fails at once: the caller has Postgres.
    enableOfflineQueue: false,
    autoResendUnfulfilledCommands: false,
    maxRetriesPerRequest: 0,
    autoResubscribe: false,
    connectTimeout: CONNECT_TIMEOUT_MS,
    socketTimeout: SILENCE_LIMIT_MS,
    retryStrategy: (times) => Math.min(FIRST_RETRY_MS * 2 ** (times - 1), LONGEST_RETRY_MS),
  });
  const asking = setInterval(() => void client.ping().catch(() => undefined), PING_INTERVAL_MS);
  asking.unref();
  client.on('error', onError);
  client.on('end', () => clearInterval(asking));
  return client;
}
