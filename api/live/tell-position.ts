// Tells with each answer up to which position in history its rows are new at least, so that a client that follows the feed from
// there misses nothing. The position is read before the rows: what is newer in them comes again and changes nothing.

import type { RequestHandler } from 'express';
import type { EventHub } from './event-hub.js';
import type { Database } from '../../db/connection/connect-database.js';
import { latestPos } from '../../db/history/event.queries.js';

const POSITION_HEADER = 'Praxis-Pos';

export function tellPosition({ db, hub }: { db: Database; hub: EventHub }): RequestHandler {
  return async (request, response, next) => {
    if (request.method === 'GET') {
      // Without a database the request itself tells what is wrong.
      const pos = hub.knownPos() ?? (await latestPos(db).catch(() => undefined));
      if (pos !== undefined) response.set(POSITION_HEADER, String(pos));
    }
    next();
  };
}
