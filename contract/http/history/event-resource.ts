// An event as the API tells it.

import { z } from 'zod';
import { EVENTS, type EventData, type LabEvent } from '../../events/events.js';
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
    data: jsonObject.meta({ description: 'By type of event: see EventData. Events of older releases may lack what came later.' }),
  })
  // Its data is told as it was written, whatever release wrote it; the type of the event says what it is.
  .meta({ id: 'Event', description: 'One thing that happened.' }) as unknown as z.ZodType<LabEvent>;

/** For readers of the document: what each type of event says. */
export const eventData: z.ZodType<{ [T in keyof typeof EVENTS]: EventData<T> }> = z
  .object(EVENTS)
  .meta({ id: 'EventData', description: 'The data of each type of event, under the name of the type.' }) as never;
