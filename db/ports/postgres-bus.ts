// The bus in Postgres: NOTIFY on one channel, heard on one connection of each process that has subscribed.

import { sql } from 'kysely';
import { invariant } from '../../domain/errors/error.js';
import { createHintDesk, HINT_LIMIT_BYTES, writeHint, type Bus } from '../../platform/ports/bus.js';
import { requirePortName } from '../../platform/ports/ports.js';
import type { Database } from '../connection/connect-database.js';
import { listenForNotifications, type Listener } from '../connection/listen.js';

const POSTGRES_CHANNEL = 'praxis_bus';

export interface PostgresBusWorld {
  readonly db: Database;
  /** For the connection that listens. */
  readonly url: string;
  /** Told of lost connections and of subscribers that fail. */
  readonly onError: (error: unknown) => void;
}

export interface PostgresBus extends Bus {
  close(): Promise<void>;
}

export function createPostgresBus({ db, url, onError }: PostgresBusWorld): PostgresBus {
  const desk = createHintDesk(onError);
  let listener: Listener | undefined;
  const listen = (): Listener =>
    listenForNotifications({
      url,
      channels: [POSTGRES_CHANNEL],
      onNotify: (_channel, hint) => (hint === undefined ? desk.deliverGap() : desk.deliver(hint)),
      onError,
    });
  return {
    publish(channel, payload) {
      invariant(Buffer.byteLength(payload) <= HINT_LIMIT_BYTES, `a hint on ${channel} names what changed and does not carry it`);
      const hint = writeHint(requirePortName(channel), payload);
      return sql`select pg_notify(${POSTGRES_CHANNEL}, ${hint})`.execute(db).then(() => undefined);
    },
    subscribe(channel, handle) {
      const end = desk.subscribe(requirePortName(channel), handle);
      listener ??= listen();
      return end;
    },
    async close() {
      await listener?.close();
    },
  };
}
