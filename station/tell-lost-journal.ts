// Tells Postgres of a journal that was found lost while it was away, as soon as it is there again.

import { listenForNotifications, type Listener } from '../db/connection/listen.js';
import { REQUEST_CHANNEL } from '../db/requests/workcell-request.queries.js';
import type { Logger } from '../platform/logging.js';
import type { JournalKeeper } from './journal-keeper.js';

export function tellLostJournal(world: { url: string; keeper: Pick<JournalKeeper, 'tellLoss'>; logger: Logger }): Listener {
  const { url, keeper, logger } = world;
  return listenForNotifications({
    url,
    channels: [REQUEST_CHANNEL],
    onNotify: (_channel, payload) => {
      // Without a payload the connection is new.
      if (payload !== undefined) return;
      keeper.tellLoss().catch((error: unknown) => {
        logger.warn({ err: error }, 'Postgres was not told of a lost journal yet');
      });
    },
    onError: () => undefined,
  });
}
