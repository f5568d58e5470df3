// Hears NOTIFY, on one connection for all who listen in this process to the same database. It comes back after every loss; what
// was sent while it was away is not repeated: `onNotify` is called once per channel, without payload, whenever it is back.

import pg from 'pg';

export interface ListenOptions {
  readonly url: string;
  readonly channels: readonly string[];
  /** Payload is undefined when listening begins and after a reconnect: look at everything once. */
  readonly onNotify: (channel: string, payload: string | undefined) => void;
  readonly onError: (error: Error) => void;
}

export interface Listener {
  close(): Promise<void>;
}

const CONNECT_TIMEOUT_MS = 2_000;
const FIRST_RETRY_MS = 100;
const LONGEST_RETRY_MS = 5_000;
/** An idle connection can die without a word; this is how often it is asked, and how long it may think. */
const CHECK_INTERVAL_MS = 15_000;

/** Connections of this process by address; gone when nobody listens any more. */
const ears = new Map<string, Ear>();

export function listenForNotifications(options: ListenOptions): Listener {
  const ear = ears.get(options.url) ?? openEar(options.url);
  ears.set(options.url, ear);
  ear.add(options);
  return {
    close: async () => {
      if (!ear.remove(options)) return;
      if (ears.get(options.url) === ear) ears.delete(options.url);
      await ear.close();
    },
  };
}

interface Ear {
  add(listener: ListenOptions): void;
  /** True where it was the last. */
  remove(listener: ListenOptions): boolean;
  close(): Promise<void>;
}

function openEar(url: string): Ear {
  const listeners = new Set<ListenOptions>();
  let isClosed = false;
  let losses = 0;
  let client: pg.Client | undefined;
  /** Loses the connection that is up; undefined while none is. */
  let lose: ((error: Error) => void) | undefined;
  let timer: NodeJS.Timeout | undefined;

  async function connect(): Promise<void> {
    const fresh = createClient(url);
    client = fresh;
    let isLost = false;
    const loseFresh = (error: Error): void => {
      if (isLost || isClosed) return;
      isLost = true;
      lose = undefined;
      endQuietly(fresh);
      for (const { onError } of [...listeners]) onError(error);
      retry();
    };
    fresh.on('error', loseFresh);
    fresh.on('end', () => loseFresh(new Error('The connection that listens for notifications was closed')));
    fresh.on('notification', ({ channel, payload }) => hand(listeners, channel, payload));
    try {
      await fresh.connect();
      if (isLost || isClosed) return;
      lose = loseFresh;
      await Promise.all([...listeners].map(begin));
    } catch (error) {
      loseFresh(toError(error));
      return;
    }
    losses = 0;
    if (!isClosed && lose === loseFresh) check(fresh);
  }

  /** On the connection that is up. */
  async function begin(listener: ListenOptions): Promise<void> {
    const { channels, onNotify } = listener;
    const current = client;
    for (const channel of channels) await current?.query(`listen ${pg.escapeIdentifier(channel)}`);
    if (current !== client || !listeners.has(listener)) return;
    for (const channel of channels) onNotify(channel, undefined);
  }

  function check(current: pg.Client): void {
    timer = setTimeout(() => {
      current.query('select 1').then(
        () => (isClosed || current !== client ? undefined : check(current)),
        (error: unknown) => (current === client ? lose?.(toError(error)) : undefined),
      );
    }, CHECK_INTERVAL_MS);
    timer.unref();
  }

  function retry(): void {
    clearTimeout(timer);
    timer = setTimeout(() => void connect(), Math.min(FIRST_RETRY_MS * 2 ** losses, LONGEST_RETRY_MS));
    losses += 1;
  }

  void connect();
  return {
    add: (listener) => {
      listeners.add(listener);
      // While no connection is up, the next one begins for all.
      if (lose !== undefined) begin(listener).catch((error: unknown) => lose?.(toError(error)));
    },
    remove: (listener) => listeners.delete(listener) && listeners.size === 0,
    close: async () => {
      isClosed = true;
      clearTimeout(timer);
      // The connection may be half open; closing what is already gone is no failure.
      await client?.end().catch(() => undefined);
    },
  };
}

function hand(listeners: Iterable<ListenOptions>, channel: string, payload: string | undefined): void {
  for (const { channels, onNotify } of [...listeners]) if (channels.includes(channel)) onNotify(channel, payload);
}

function createClient(url: string): pg.Client {
  return new pg.Client({
    connectionString: url,
    application_name: 'praxis-listen',
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    query_timeout: CONNECT_TIMEOUT_MS,
    keepAlive: true,
  });
}

function toError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}

function endQuietly(client: pg.Client): void {
  // It is already lost and reported; a second error while closing tells nothing new.
  client.end().catch(() => undefined);
}
