// Whether the API can serve.

import { z } from 'zod';
import type { RouteContract } from '../route.js';
import { noQuery } from '../values.js';

export const health = z
  .object({ status: z.literal('ok'), version: z.string(), database: z.literal('ok'), temporal: z.enum(['ok', 'unavailable']) })
  .meta({ id: 'Health', description: 'Whether the API can serve.' });

export const HEALTH_ROUTES = {
  getHealth: {
    method: 'get',
    path: '/health',
    needs: 'viewer',
    bucket: 'read',
    summary: 'Whether the API can serve',
    group: 'health',
    query: noQuery,
    response: health,
    statuses: { 200: 'The API and its database answer.' },
  },
} as const satisfies Record<string, RouteContract>;
