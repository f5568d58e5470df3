// An event as the API tells it.

import { z } from 'zod';
import { instant, jsonObject } from '../values.js';
import { EVENT_TYPES } from '../../words/history.js';

export const event = z
  .object({
    pos: z.int().meta({ description: 'Position in the lab; rises with every event.' }),
    seq: z.int().nullable().meta({ description: 'Position in the run, from 1.' }),
    type: z.enum(EVENT_TYPES),
    at: instant,
    runId: z.string().nullable(),
    callPath: z.string().optional(),
    data: jsonObject,
  })
  .meta({ id: 'Event', description: 'One thing that happened.' });
