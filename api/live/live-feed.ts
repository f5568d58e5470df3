// Tells every open stream of new events. One reader follows history for all streams that have caught up; a stream that
// begins earlier reads its past from the database first, and then joins the others without gap or duplicate.

import type { EventHub } from './event-hub.js';
import type { Logger } from '../http/logger.js';
import { startPokedLoop } from './notified-loop.js';
import type { Database } from '../../db/connection/connect-database.js';
import { latestPos, listEventsAfter } from '../../db/history/event.queries.js';
import { LabError } from '../../domain/errors/error.js';
import type { LabEvent } from '../../domain/history/event.js';

/** Streams open at once in this process. */
const STREAMS_MAX = 500;
/** How often history is looked at without a notification. */
const LOOK_AGAIN_MS = 1000;
const EVENTS_PER_READ = 200;

/** Where the events of one stream go. */
export interface EventSink {
  /** Only events of this run. */
  readonly runId?: string;
  /** False where the reader is gone or was cut off; nothing is sent to it any more. */
  send(events: readonly LabEvent[]): boolean;
  /** Resolves when what was sent has been taken; false where the reader is gone or takes nothing. */
  drain(): Promise<boolean>;
  end(): void;
}

export interface LiveFeed {
  /** Takes a place for a stream; the position at which it begins, which is now unless one is given. Throws TOO_MANY_STREAMS. */
  open(sink: EventSink, after: number | undefined): Promise<number>;
  /** Sends what comes after the position, the past first. */
  begin(sink: EventSink, pos: number): void;
  leave(sink: EventSink): void;
  /** Ends every stream. */
  close(): Promise<void>;
}

function toRequest({ runId }: EventSink, after: number): Parameters<typeof listEventsAfter>[1] {
  return { after, limit: EVENTS_PER_READ, ...(runId !== undefined && { runId }) };
}

export function createLiveFeed({ db, hub, logger }: { db: Database; hub: EventHub; logger: Logger }): LiveFeed {
  const open = new Set<EventSink>();
  /** Streams that have caught up, each with the position it was told up to when it joined. */
  const joined = new Map<EventSink, number>();
  /** Position up to which the joined streams were told; never falls. */
  let toldPos = 0;
  let isClosed = false;

  const leave = (sink: EventSink): void => {
    open.delete(sink);
    joined.delete(sink);
  };
  const end = (sink: EventSink): void => {
    leave(sink);
    sink.end();
  };
  const follow = async (): Promise<void> => {
    while (joined.size > 0) {
      const fromPos = toldPos;
      const events = await listEventsAfter(db, { after: fromPos, limit: EVENTS_PER_READ });
      // All streams had left meanwhile and another one has set a new beginning.
      if (toldPos !== fromPos) continue;
      toldPos = events.at(-1)?.pos ?? toldPos;
      for (const [sink, joinedPos] of [...joined]) if (!tell(sink, joinedPos, events)) leave(sink);
      if (events.length < EVENTS_PER_READ) return;
    }
  };
  const catchUp = async (sink: EventSink, fromPos: number): Promise<void> => {
    let pos = fromPos;
    while (open.has(sink) && pos < toldPos) {
      // Everything up to here was visible before the read begins: what the read does not find is not for this stream.
      const visiblePos = toldPos;
      const events = await listEventsAfter(db, toRequest(sink, pos));
      const lastPos = events.at(-1)?.pos ?? pos;
      pos = events.length === EVENTS_PER_READ ? lastPos : Math.max(lastPos, visiblePos);
      if (events.length > 0 && !(sink.send(events) && (await sink.drain()))) leave(sink);
    }
    // In the same turn as the last look at toldPos, so nothing falls between the past and the present.
    if (open.has(sink)) joined.set(sink, pos);
    follower.poke();
  };
  const follower = startPokedLoop({
    intervalMs: LOOK_AGAIN_MS,
    work: follow,
    onError: (error) => logger.warn({ err: error }, 'the live feed cannot read history and tries again'),
  });
  const stopHearing = hub.onWake(() => follower.poke());

  return {
    open: async (sink, after) => {
      if (open.size >= STREAMS_MAX || isClosed)
        throw new LabError('TOO_MANY_STREAMS', { message: `${open.size} live feeds are open, more are not served.` });
      open.add(sink);
      const newestPos = await latestPos(db).catch((error: unknown) => {
        open.delete(sink);
        throw error;
      });
      // Nobody has caught up: the past of this stream is its own to read.
      if (joined.size === 0) toldPos = Math.max(toldPos, newestPos);
      return after ?? newestPos;
    },
    begin: (sink, pos) => {
      catchUp(sink, pos).catch((error: unknown) => {
        logger.warn({ err: error }, 'a live feed could not read its past; its reader resumes by itself');
        end(sink);
      });
    },
    leave,
    close: async () => {
      isClosed = true;
      stopHearing();
      for (const sink of [...open]) end(sink);
      await follower.close();
    },
  };
}

/** False where the reader is gone. What it had seen before it joined is left out. */
function tell(sink: EventSink, joinedPos: number, events: readonly LabEvent[]): boolean {
  const wanted = events.filter(({ pos, runId }) => pos > joinedPos && (sink.runId === undefined || runId === sink.runId));
  return wanted.length === 0 || sink.send(wanted);
}
