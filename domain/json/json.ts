// JSON as a type, and the one canonical text of a JSON value (used for hashes and comparison).

import type { Json, JsonObject } from '../../contract/words/json.js';

export type { Json, JsonObject };

/** Text of a JSON value with object keys in order, so that equal values have equal text. */
export function toCanonicalJson(value: Json): string {
  if (value === null || typeof value !== 'object') return JSON.stringify(value);
  if (isJsonArray(value)) return `[${value.map(toCanonicalJson).join(',')}]`;
  const members = Object.keys(value)
    .sort()
    .map((key) => `${JSON.stringify(key)}:${toCanonicalJson(value[key] as Json)}`);
  return `{${members.join(',')}}`;
}

/** Array.isArray does not narrow readonly arrays; this does. */
export function isJsonArray(value: Json): value is readonly Json[] {
  return Array.isArray(value);
}

export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
