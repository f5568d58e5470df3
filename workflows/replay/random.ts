// Chance for author code, from a seed of text: the same run and path always draw the same numbers. Branches and iterations
// have seeds of their own, since an iteration that is remembered by its result draws nothing.

import { hashFnv } from '../../domain/text/fnv-hash.js';
import { findScope, type Scope } from './scope.js';

/** The next number of the part of the call that is running. */
export function drawRandom(seed: string, call: Scope): number {
  const scope = findScope(call);
  scope.random ??= createRandom(`${seed}/${scope.path}`);
  return scope.random();
}

/** Generator of numbers from 0 to below 1 (mulberry32 over an FNV-1a hash of the seed). */
export function createRandom(seed: string): () => number {
  let state = hashFnv(seed);
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}
