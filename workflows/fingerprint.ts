// What an operation is, in four characters: enough to notice that author code asks for something else than it did at this
// place before, and small enough to be kept with every entry of a ledger.

import type { Json } from '../domain/json.js';

const DIGITS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
/** A global that is looked up in the context of a run costs some hundred times the multiplication. */
const { imul } = Math;

/** 24 bits of FNV-1a over the value's JSON. */
export function toFingerprint(value: Json): string {
  const text = JSON.stringify(value);
  let hash = 2166136261;
  for (let at = 0; at < text.length; at++) hash = imul(hash ^ text.charCodeAt(at), 16777619);
  const folded = (hash >>> 24) ^ hash;
  return [18, 12, 6, 0].map((shift) => DIGITS.charAt((folded >>> shift) & 63)).join('');
}
