// What an operation is, in four characters: enough to notice that author code asks for something else than it did at this
// place before, and small enough to be kept with every entry of a ledger.

import { hashFnv } from '../../domain/text/fnv-hash.js';
import type { Json } from '../../domain/json/json.js';

const DIGITS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';

/** 24 bits of FNV-1a over the value's JSON. */
export function toFingerprint(value: Json): string {
  const hash = hashFnv(JSON.stringify(value));
  const folded = (hash >>> 24) ^ hash;
  return [18, 12, 6, 0].map((shift) => DIGITS.charAt((folded >>> shift) & 63)).join('');
}
