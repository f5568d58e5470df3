// What author code throws, made safe for everybody who has to read it: whatever it is, an error with a name and a message
// that are texts; and texts of any length and content, cut to what a record holds.

import { isErrorCode, LabError } from '../errors/error.js';
import type { JsonObject } from '../json/json.js';

/** Longer messages of errors are cut, with a mark that says how long they were. */
export const MESSAGE_LIMIT_CHARACTERS = 4_000;
/** Details of an error that are larger as JSON are left out. */
const DETAILS_LIMIT_CHARACTERS = 64 * 1024;
/** Room for the mark, so that a text that was cut is not cut again. */
const MARK_LIMIT_CHARACTERS = 60;
const REMEDY = 'Throw a LabError, or an Error with a message.';

/** The error itself where it can be read without harm; else a PROTOCOL_ERROR that says what was thrown instead of one. */
export function toThrown(thrown: unknown): Error {
  return isReadable(thrown)
    ? thrown
    : new LabError('PROTOCOL_ERROR', { message: cutText(`What the protocol threw is no error but ${describe(thrown)}.`), remedy: REMEDY });
}

/** The text, or its beginning and how long it was. What no database takes is replaced. */
export function cutText(text: string, limitCharacters = MESSAGE_LIMIT_CHARACTERS): string {
  const kept = text.length <= limitCharacters + MARK_LIMIT_CHARACTERS ? text : text.slice(0, limitCharacters);
  const sound = kept.replaceAll('\0', '\uFFFD').replaceAll(/\p{Surrogate}/gu, '\uFFFD');
  return kept.length === text.length ? sound : `${sound} … (cut here; ${text.length} characters in all)`;
}

/** A proxy or a getter may throw at whatever is read. */
function isReadable(thrown: unknown): thrown is Error {
  try {
    if (!(thrown instanceof Error)) return false;
    // An own getter may answer otherwise the next time.
    if (Object.values(Object.getOwnPropertyDescriptors(thrown)).some((property) => property.get !== undefined)) return false;
    const { name, message, stack } = thrown;
    if (typeof name !== 'string' || typeof message !== 'string' || (stack !== undefined && typeof stack !== 'string')) return false;
    return !(thrown instanceof LabError) || isSound(thrown);
  } catch {
    // Whatever happened while it was read, it is not to be read again.
    return false;
  }
}

function isSound({ code, remedy, details }: LabError): boolean {
  return isErrorCode(code) && typeof remedy === 'string' && (details === undefined || typeof JSON.stringify(details) === 'string');
}

/** The details, unless they are too large to be kept. */
export function cutDetails(details: JsonObject): JsonObject {
  const { length } = JSON.stringify(details);
  return length <= DETAILS_LIMIT_CHARACTERS ? details : { cut: `These details had ${length} characters.` };
}

function describe(thrown: unknown): string {
  try {
    switch (typeof thrown) {
      case 'string':
        return `the text '${thrown}'`;
      case 'object':
        return thrown === null ? 'null' : describeObject(thrown);
      case 'function':
        return 'a function';
      case 'symbol':
      case 'undefined':
      case 'number':
      case 'bigint':
      case 'boolean':
        return String(thrown);
    }
  } catch {
    return 'an object that cannot be read';
  }
}

function describeObject(thrown: object): string {
  const { name, message, then } = thrown as Readonly<Record<string, unknown>>;
  if (typeof message === 'string') return `an object: ${typeof name === 'string' ? `${name}: ` : ''}${message}`;
  if (typeof then === 'function') return 'a promise; await it first';
  return `an object: ${JSON.stringify(thrown) ?? 'empty'}`;
}
