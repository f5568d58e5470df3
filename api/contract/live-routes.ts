// The route of the live feed.

import * as request from './request.js';
import * as runResource from './run-resource.js';
import type { RouteContract } from './route-contract.js';

export const LIVE_ROUTES = {
  streamEvents: {
    method: 'get',
    path: '/live',
    needs: 'viewer',
    bucket: 'read',
    summary: 'Events as they happen, as server-sent events: id is the position, event the type, data the event',
    group: 'live',
    query: request.liveQuery,
    headers: request.liveHeaders,
    response: runResource.event,
    statuses: { 200: 'A stream that stays open; a reader that was cut off resumes with Last-Event-ID, without gap or duplicate.' },
    isStream: true,
  },
} as const satisfies Record<string, RouteContract>;
