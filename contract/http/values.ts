// What resources and requests of every noun are made of, and the problem document, which belongs to none. They are zod schemas: what
// clients read and send, what the OpenAPI document says and what every request and response is parsed with. A key that is not declared never
// leaves the API, and never enters it.

import { z } from 'zod';
import type { Json, JsonObject } from '../words/json.js';

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
    at: z.string().optional().meta({ description: 'file:line:column of the code of the protocol that threw it.' }),
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

export const PAGE_LIMIT_MAX = 200;
export const PAGE_LIMIT_DEFAULT = 50;

/** Of requests that carry the parameters of a run, tables included. */
export const PARAMETERS_BODY_LIMIT_BYTES = 16 * 1024 * 1024;
const FILE_NAME_LIMIT_CHARACTERS = 255;
export const parameters = z.record(z.string(), json).default({}).meta({
  description:
    'Values by parameter name. A text is read as on the command line: 90 s, A1:A4, 10 µL, or for a table CSV with a line of titles.',
});
export const files = z
  .record(z.string(), z.string().min(1).max(FILE_NAME_LIMIT_CHARACTERS))
  .default({})
  .meta({ description: 'Names of the files that texts of parameters came from, by parameter name; refusals name them.' });

export const name = z.string().min(1).max(200);
export const reason = z.string().trim().max(1_000).default('').meta({ description: 'Why, for the record.' });
/** A text that a person adds for the record. */
export function note(description: string): z.ZodDefault<z.ZodString> {
  return z.string().trim().max(1_000).default('').meta({ description });
}

type IntegerText = z.ZodDefault<z.ZodPipe<z.ZodPipe<z.ZodString, z.ZodTransform<number, string>>, z.ZodInt>>;
type PositionText = z.ZodPipe<z.ZodString, z.ZodTransform<number, string>>;

/** An integer as query text. Number() alone would take '', '1e2' and ' 7 '. */
export function integerText({ min, max, otherwise }: { min: number; max: number; otherwise: number }): IntegerText {
  return z
    .string()
    .regex(/^-?\d{1,16}$/u, 'must be an integer')
    .transform(Number)
    .pipe(z.int().min(min).max(max))
    .default(otherwise)
    .meta({ type: 'integer', minimum: min, maximum: max, default: otherwise });
}

/** A position in history as text. */
export function positionText(): PositionText {
  return z
    .string()
    .regex(/^\d{1,15}$/u, 'must be a position')
    .transform(Number)
    .meta({ type: 'integer', minimum: 0 });
}

export const pageQuery = {
  limit: integerText({ min: 1, max: PAGE_LIMIT_MAX, otherwise: PAGE_LIMIT_DEFAULT }),
  cursor: z.string().min(1).max(500).optional().meta({ description: 'nextCursor of the page before' }),
};

export const noQuery = z.strictObject({});
export const listQuery = z.strictObject(pageQuery);
