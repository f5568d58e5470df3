// Names that must not become too long: what is cut off is replaced by a hash of all of it, so that two never become one.

import { hashFnv } from './fnv-hash.js';

/** `~` and sixteen hexadecimal digits. */
const MARK_CHARACTERS = 17;
const OTHER_BASIS = 3_421_674_724;

/** The text itself, or its beginning with a hash of all of it. */
export function shortenText(text: string, limitCharacters: number): string {
  return text.length <= limitCharacters ? text : `${text.slice(0, limitCharacters - MARK_CHARACTERS)}~${hashText(text)}`;
}

/** Sixty-four bits of FNV-1a with two bases, each mixed at its end: of a run's names no two will meet. */
function hashText(text: string): string {
  return mixHash(hashFnv(text)) + mixHash(hashFnv(text, OTHER_BASIS));
}

function mixHash(raw: number): string {
  let hash = Math.imul(raw ^ (raw >>> 16), 2_246_822_507);
  hash = Math.imul(hash ^ (hash >>> 13), 3_266_489_909);
  return ((hash ^ (hash >>> 16)) >>> 0).toString(16).padStart(8, '0');
}
