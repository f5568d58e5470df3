// One stream of server-sent events to one reader. What a reader does not take is kept up to a limit, then it is cut
// off: it comes back with Last-Event-ID and misses nothing, and a sleeping reader costs no memory.

import type { Response } from 'express';
import type { EventSink } from './live-feed.js';
import type { LabEvent } from '../../domain/history/event.js';

/** What may wait for a reader when the next events come; more, and it is cut off. */
const BUFFER_LIMIT_BYTES = 1024 * 1024;
/** How long a reader of the past may take nothing. */
const STALL_LIMIT_MS = 30_000;
const HEARTBEAT_INTERVAL_MS = 15_000;
/** What clients are told to wait before they come back. */
const RETRY_DELAY_MS = 1000;

export interface EventStream extends EventSink {
  /** Sends the head and the position at which the stream begins, so that a reader without events can resume too. */
  begin(pos: number): void;
}

export function createEventStream(response: Response, runId: string | undefined): EventStream {
  const heartbeat = setInterval(() => response.write(': heartbeat\n\n'), HEARTBEAT_INTERVAL_MS);
  response.once('close', () => clearInterval(heartbeat));
  return {
    ...(runId !== undefined && { runId }),
    begin: (pos) => {
      response.writeHead(200, {
        'content-type': 'text/event-stream; charset=utf-8',
        'cache-control': 'no-store',
        'x-accel-buffering': 'no',
      });
      response.write(`retry: ${RETRY_DELAY_MS}\nid: ${pos}\n\n`);
    },
    send: (events) => {
      if (response.destroyed || response.writableEnded) return false;
      if (response.writableLength > BUFFER_LIMIT_BYTES) {
        response.destroy();
        return false;
      }
      response.write(events.map(formatEvent).join(''));
      return true;
    },
    drain: () => waitForDrain(response),
    end: () => response.end(),
  };
}

function formatEvent(event: LabEvent): string {
  return `id: ${event.pos}\nevent: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`;
}

function waitForDrain(response: Response): Promise<boolean> {
  if (response.destroyed) return Promise.resolve(false);
  if (!response.writableNeedDrain) return Promise.resolve(true);
  return new Promise((resolve) => {
    const settle = (isTaken: boolean): void => {
      clearTimeout(timer);
      response.removeListener('drain', take);
      response.removeListener('close', lose);
      resolve(isTaken);
    };
    const take = (): void => settle(true);
    const lose = (): void => settle(false);
    const timer = setTimeout(() => {
      response.destroy();
      lose();
    }, STALL_LIMIT_MS);
    response.once('drain', take);
    response.once('close', lose);
  });
}
