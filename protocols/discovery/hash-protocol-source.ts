// The identity of a version of protocol source: 64 hexadecimal digits, of which the first 12 name its queue.

import { createHash } from 'node:crypto';
import type { SourceText } from './parse-source.js';

/**
 * Hashes sorted paths and contents. Lengths go in as well, so that moving text from one file to the next
 * cannot give the same hash.
 */
export function hashProtocolSource(files: readonly SourceText[]): string {
  const hash = createHash('sha256');
  const sorted = [...files].sort((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0));
  for (const { path, text } of sorted) {
    hash.update(`${Buffer.byteLength(path)} ${Buffer.byteLength(text)}\n`);
    hash.update(path);
    hash.update(text);
  }
  return hash.digest('hex');
}
