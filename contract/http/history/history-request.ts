// How history is read: after a position, or as it happens.

import { z } from 'zod';
import { integerText, pageQuery, positionText } from '../values.js';

/** Longest wait of one long poll for events. */
export const EVENT_WAIT_MAX_MS = 30_000;
export const liveHeaders = z.object({
  'last-event-id': positionText().optional().meta({ description: 'id of the last message seen; goes before the query.' }),
});
export const liveQuery = z.strictObject({
  runId: z.string().max(200).optional().meta({ description: 'Only events of this run.' }),
  after: positionText().optional().meta({ description: 'Position after which to begin; 0 is the beginning. Left out: now.' }),
});
export const eventsQuery = z.strictObject({
  limit: pageQuery.limit,
  after: integerText({ min: 0, max: Number.MAX_SAFE_INTEGER, otherwise: 0 }).meta({
    description: 'pos of the last event already seen',
  }),
  waitMs: integerText({ min: 0, max: EVENT_WAIT_MAX_MS, otherwise: 0 }).meta({
    description: 'How long to wait for the first event where there is none yet.',
  }),
});
