// The generation of workflow code, and the names of bundles, which hold it: runs are only ever led on by workflow code that
// takes the same way through their histories.

import type { SourceText } from '../discovery/parse-source.js';
import { hashProtocolSource } from '../discovery/hash-protocol-source.js';

/**
 * Grows with every change of `workflows/` or `domain/` after which a history of before would not replay. New starts then have
 * a queue of their own, and runs under way keep the code that they were started with.
 */
export const GENERATION = 4;
/** What bundles are of that do not say it. */
export const FIRST_GENERATION = 1;
/** Digits of the hash that name the queue `px.<hash>`. */
const BUNDLE_NAME_DIGITS = 12;

/** The name of what this source becomes on workflow code of a generation. */
export function nameBundle(tree: readonly SourceText[], generation = GENERATION): string {
  return hashProtocolSource([...tree, { path: 'generation', text: String(generation) }]).slice(0, BUNDLE_NAME_DIGITS);
}
