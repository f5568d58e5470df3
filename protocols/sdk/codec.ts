// The one codec that arguments, results and errors of calls pass, in memory too, so that a protocol
// function means the same however it is executed.

import { requireSize } from '../../domain/values/byte-size.js';
import { LabError } from '../../domain/errors/error.js';
import type { Json } from '../../domain/json/json.js';

const DEPTH_LIMIT = 64;
const REMEDY = 'Give plain data: texts, finite numbers, true and false, null, and lists and objects of these.';

/** The arguments or the result of a call: as `toJson`. Throws VALUE_TOO_LARGE for what no call may hand over. */
export function toCallValue(value: unknown, where: string): Json {
  const copy = toJson(value, where);
  requireSize(copy, where);
  return copy;
}

/** A deep copy of the value as JSON. Throws BAD_ARGUMENTS for what JSON cannot carry; undefined becomes null. */
export function toJson(value: unknown, where: string, depth = 0): Json {
  if (depth > DEPTH_LIMIT) refuse(where, `is nested deeper than ${DEPTH_LIMIT} levels`);
  if (value === undefined || value === null) return null;
  if (typeof value === 'string' || typeof value === 'boolean') return value;
  if (typeof value === 'number') {
    if (Number.isFinite(value)) return value;
    refuse(where, `contains ${value}, which is no finite number`);
  }
  if (Array.isArray(value)) return value.map((item) => toJson(item, where, depth + 1));
  if (typeof value === 'object' && isPlain(value)) {
    const copy: Record<string, Json> = {};
    for (const [key, member] of Object.entries(value)) if (member !== undefined) copy[key] = toJson(member, where, depth + 1);
    return copy;
  }
  refuse(where, `contains ${typeof value === 'object' ? 'an object of a class' : `a ${typeof value}`}`);
}

function refuse(where: string, what: string): never {
  throw new LabError('BAD_ARGUMENTS', { message: `${capitalise(where)} ${what}.`, remedy: REMEDY });
}

function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  // Another context's Object.prototype is a different object; its own prototype is null all the same.
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

function capitalise(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
