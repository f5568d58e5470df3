// How many bytes values weigh on their way: everything that travels is JSON in UTF-8, and limits count its bytes. Counted
// without encoding anything, so that it is cheap in the sandbox of workflows, too.

import { LabError } from '../errors/error.js';
import type { Json } from '../json/json.js';

/** The arguments or the result of one call. */
export const VALUE_LIMIT_BYTES = 4 * 1024 * 1024;
/** The arguments of one command; the bridge's line takes 8 MiB. */
export const COMMAND_ARGUMENTS_LIMIT_BYTES = 1024 * 1024;

/** Bytes of the text in UTF-8. */
export function countUtf8Bytes(text: string): number {
  let bytes = text.length;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit < 0x80) continue;
    // Each half of a pair counts two: four together. One that stands alone is written as three bytes.
    if (unit < 0x800 || isPairAt(text, i)) bytes += 1;
    else bytes += 2;
  }
  return bytes;
}

/** Bytes of the value as JSON. */
export function countJsonBytes(value: unknown): number {
  if (value === null || value === undefined) return 4;
  if (typeof value === 'boolean') return value ? 4 : 5;
  return countUtf8Bytes(JSON.stringify(value));
}

/** The same question without counting where the answer is plain. */
export function isLargerThan(value: Json, limitBytes: number): boolean {
  if (typeof value !== 'string' && (typeof value !== 'object' || value === null)) return false;
  if (typeof value === 'string' && value.length * MOST_BYTES_OF_A_UNIT + 2 <= limitBytes) return false;
  const text = JSON.stringify(value);
  if (text.length > limitBytes) return true;
  return text.length * UTF8_BYTES_OF_A_UNIT_MAX > limitBytes && countUtf8Bytes(text) > limitBytes;
}

/** As much of the text as so many bytes hold, with a mark where something was cut off. */
export function cutToBytes(text: string, limitBytes: number): string {
  if (text.length * UTF8_BYTES_OF_A_UNIT_MAX <= limitBytes || countUtf8Bytes(text) <= limitBytes) return text;
  let end = Math.min(text.length, limitBytes);
  while (end > 0 && countUtf8Bytes(text.slice(0, end)) > limitBytes - CUT_MARK_BYTES) end -= 1;
  return `${text.slice(0, isHigh(text.charCodeAt(end - 1)) ? end - 1 : end)}…`;
}

/** As much of the text's end as so many bytes hold, with a mark where something was cut off. */
export function cutStartToBytes(text: string, limitBytes: number): string {
  if (text.length * UTF8_BYTES_OF_A_UNIT_MAX <= limitBytes || countUtf8Bytes(text) <= limitBytes) return text;
  let from = Math.max(0, text.length - limitBytes);
  while (from < text.length && countUtf8Bytes(text.slice(from)) > limitBytes - CUT_MARK_BYTES) from += 1;
  return `…${text.slice(isLow(text.charCodeAt(from)) ? from + 1 : from)}`;
}

/** Throws VALUE_TOO_LARGE, with the limit, the size and what to do. `what` names the value, for example `the result of wash`. */
export function requireSize(
  value: Json,
  what: string,
  given: { readonly limitBytes?: number; readonly remedy?: string; readonly field?: string } = {},
): void {
  const { limitBytes = VALUE_LIMIT_BYTES, remedy, field } = given;
  if (!isLargerThan(value, limitBytes)) return;
  throw new LabError('VALUE_TOO_LARGE', {
    message: `${what.charAt(0).toUpperCase()}${what.slice(1)} has ${countJsonBytes(value)} bytes; the limit is ${limitBytes}.`,
    details: { limitBytes, bytes: countJsonBytes(value) },
    ...(remedy !== undefined && { remedy }),
    ...(field !== undefined && { field }),
  });
}

/** As JSON: a control character is written as \u0000. */
const MOST_BYTES_OF_A_UNIT = 6;
const UTF8_BYTES_OF_A_UNIT_MAX = 3;
/** Of `…`. */
const CUT_MARK_BYTES = 3;

function isPairAt(text: string, i: number): boolean {
  const unit = text.charCodeAt(i);
  if (unit >= 0xd800 && unit <= 0xdbff) return isLow(text.charCodeAt(i + 1));
  return isLow(unit) && isHigh(text.charCodeAt(i - 1));
}

function isHigh(unit: number): boolean {
  return unit >= 0xd800 && unit <= 0xdbff;
}

function isLow(unit: number): boolean {
  return unit >= 0xdc00 && unit <= 0xdfff;
}
