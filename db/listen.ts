// One dedicated connection that hears NOTIFY, and comes back after every loss. What was sent while it was
// away is not repeated: `onNotify` is called once per channel, without payload, whenever it is back.

import pg from 'pg';

export interface ListenOptions {
  readonly url: string;
  readonly channels: readonly string[];
  /** Payload is undefined after a reconnect: look at everything once. */
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

export function listenForNotifications(options: ListenOptions): Listener {
  let isClosed = false;
  let losses = 0;
  let client: pg.Client | undefined;
  let timer: NodeJS.Timeout | undefined;

  async function connect(): Promise<void> {
    const fresh = new pg.Client({
      connectionString: options.url,
      application_name: 'praxis-listen',
      connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
      query_timeout: CONNECT_TIMEOUT_MS,
      keepAlive: true,
    });
    client = fresh;
    let isLost = false;
    const lose = (error: Error): void => {
      if (isLost || isClosed) return;
      isLost = true;
      endQuietly(fresh);
      options.onError(error);
      retry();
    };
    fresh.on('error', lose);
    fresh.on('end', () => lose(new Error('The connection that listens for notifications was closed')));
    fresh.on('notification', (message) => options.onNotify(message.channel, message.payload));
    try {
      await fresh.connect();
      for (const channel of options.channels) await fresh.query(`listen ${pg.escapeIdentifier(channel)}`);
    } catch (error) {
      lose(error instanceof Error ? error : new Error(String(error)));
      return;
    }
    if (isClosed || isLost) return;
    losses = 0;
    for (const channel of options.channels) options.onNotify(channel, undefined);
    check(fresh, lose);
  }

  function check(current: pg.Client, lose: (error: Error) => void): void {
    timer = setTimeout(() => {
      current.query('select 1').then(
        () => (isClosed || current !== client ? undefined : check(current, lose)),
        (error: unknown) => lose(error instanceof Error ? error : new Error(String(error))),
      );
    }, CHECK_INTERVAL_MS);
    timer.unref();
  }

  function retry(): void {
    clearTimeout(timer);
    const delayMs = Math.min(FIRST_RETRY_MS * 2 ** losses, LONGEST_RETRY_MS);
    losses += 1;
    timer = setTimeout(() => void connect(), delayMs);
  }

  void connect();
  return {
    async close() {
      isClosed = true;
      clearTimeout(timer);
      // The connection may be half open; closing what is already gone is no failure.
      await client?.end().catch(() => undefined);
    },
  };
}

function endQuietly(client: pg.Client): void {
  // It is already lost and reported; a second error while closing tells nothing new.
  client.end().catch(() => undefined);
}
