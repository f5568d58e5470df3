// The live feed: events as they happen, of one run or of the whole lab.

import { defineStream, type BoundRoute } from '../http/define-route.js';
import { createEventStream } from '../live/event-stream.js';
import type { LiveFeed } from '../live/live-feed.js';
import { requireRun } from '../runs/require-run.js';
import { ROUTES } from '../../contract/http/routes.js';
import type { Database } from '../../db/connection/connect-database.js';

export function defineLiveRoute({ db, feed }: { db: Database; feed: LiveFeed }): BoundRoute {
  return defineStream(ROUTES.streamEvents, async ({ query, headers, signal }, response) => {
    if (query.runId !== undefined) await requireRun(db, query.runId);
    const stream = createEventStream(response, query.runId);
    // Where the reader left off counts more than the address, which a browser repeats as it was.
    const pos = await feed.open(stream, headers['last-event-id'] ?? query.after);
    signal.addEventListener('abort', () => feed.leave(stream));
    if (signal.aborted) feed.leave(stream);
    stream.begin(pos);
    feed.begin(stream, pos);
  });
}
