// What resources of every noun are made of, and the two that belong to none: a problem and the health of the API. Resources are zod
// schemas: what clients read, what the OpenAPI document says and what every response is parsed with. A key that is not declared here
// never leaves the API.

import { z } from 'zod';
import type { Json, JsonObject } from '../../domain/json/json.js';

// Any JSON: the database and the request parser have made sure of that before.
export const json = z.unknown() as z.ZodType<Json>;
export const jsonObject = z.record(z.string(), z.unknown()) as unknown as z.ZodType<JsonObject>;
export const instant = z.string().meta({ format: 'date-time', description: 'ISO 8601 in UTC' });
export const runMode = z.enum(['simulation', 'hardware']);

export const errorRecord = z
  .object({
    code: z.string(),
    message: z.string(),
    callPath: z.string().optional(),
    remedy: z.string().optional(),
    channels: jsonObject.optional().meta({ description: 'What each channel did: done, or the code and message of why not.' }),
    details: jsonObject.optional().meta({ description: 'What the code alone does not say.' }),
  })
  .meta({ id: 'ErrorRecord', description: 'Why a run, call or command did not complete.' });

export const problem = z
  .object({
    type: z.string(),
    title: z.string(),
    status: z.int(),
    code: z.string(),
    detail: z.string(),
    field: z.string().optional(),
    remedy: z.string().optional(),
    problems: z.array(z.object({ code: z.string(), detail: z.string(), field: z.string().optional() })).optional(),
  })
  .meta({ id: 'Problem', description: 'RFC 9457 problem document: what is wrong, where, and what to do.' });

export const health = z
  .object({ status: z.literal('ok'), version: z.string(), database: z.literal('ok'), temporal: z.enum(['ok', 'unavailable']) })
  .meta({ id: 'Health', description: 'Whether the API can serve.' });
