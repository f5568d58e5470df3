// A quick hash of text that is the same wherever and whenever it is taken: FNV-1a of 32 bits. Not for secrets.

/** A global that is looked up in the context of a run costs some hundred times the multiplication. */
const { imul } = Math;
const OFFSET_BASIS = 2_166_136_261;
const PRIME = 16_777_619;

/** A signed 32-bit number. Another basis gives another hash of the same text. */
export function hashFnv(text: string, basis = OFFSET_BASIS): number {
  let hash = basis;
  for (let at = 0; at < text.length; at++) hash = imul(hash ^ text.charCodeAt(at), PRIME);
  return hash;
}
