// The route of the live feed.

import { event } from './event-resource.js';
import { liveHeaders, liveQuery } from './history-request.js';
import type { RouteContract } from '../route.js';

export const HISTORY_ROUTES = {
  streamEvents: {
    method: 'get',
    path: '/live',
    needs: 'viewer',
    bucket: 'read',
    summary: 'Events as they happen, as server-sent events: id is the position, event the type, data the event',
    group: 'live',
    query: liveQuery,
    headers: liveHeaders,
    response: event,
    statuses: { 200: 'A stream that stays open; a reader that was cut off resumes with Last-Event-ID, without gap or duplicate.' },
    isStream: true,
  },
} as const satisfies Record<string, RouteContract>;
