// Portions of the ledger: each above what a message carries itself, none changed by what comes after it, nothing of it lost.

import { describe, expect, test } from '@jest/globals';
import { cutIntoPortions, joinPortions, LEDGER_PORTION_BYTES } from './ledger-portions.js';
import type { LedgerEntry } from './ledger.js';

const toEntries = (count: number): LedgerEntry[] =>
  Array.from({ length: count }, (_, k) => ({ id: `#${k}`, at: k, ok: 'ä'.repeat((k * 7919) % 20_000) }));

describe('portions of a ledger', () => {
  test('are the whole of it, in order', () => {
    const entries = toEntries(100);
    const { closed, open } = cutIntoPortions(entries);
    expect(closed.length).toBeGreaterThan(10);
    expect(joinPortions(closed, open)).toEqual(entries);
  });

  test('stay the same whatever is added', () => {
    const { closed } = cutIntoPortions(toEntries(60));
    expect(cutIntoPortions(toEntries(100)).closed.slice(0, closed.length)).toEqual(closed);
  });

  test('have so much that each travels by reference, but for the open one', () => {
    const { closed, open } = cutIntoPortions(toEntries(100));
    for (const portion of closed) expect(Buffer.byteLength(JSON.stringify(portion))).toBeGreaterThanOrEqual(LEDGER_PORTION_BYTES);
    expect(Buffer.byteLength(JSON.stringify(open))).toBeLessThan(LEDGER_PORTION_BYTES + 200);
  });

  test('are none of a small one', () => {
    expect(cutIntoPortions(toEntries(3))).toEqual({ closed: [], open: toEntries(3) });
  });
});
