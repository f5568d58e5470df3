// The ledger on its way to the next execution: in portions, each an argument of its own. What is large travels by reference to
// its content, so a portion that has not changed since the last continuation is written once and never again.

import { countJsonBytes } from '../../domain/values/byte-size.js';
import type { LedgerEntry } from './ledger.js';

/** A portion is closed once it has so much; above what a message carries itself, so that each of them travels by reference. */
export const LEDGER_PORTION_BYTES = 64 * 1024;

export type LedgerPortion = readonly LedgerEntry[];

/**
 * Where a portion ends depends on what lies before it alone: entries that are added later change none that is closed. What is left
 * over at the end is the open one.
 */
export function cutIntoPortions(entries: readonly LedgerEntry[]): {
  readonly closed: readonly LedgerPortion[];
  readonly open: LedgerPortion;
} {
  const closed: LedgerPortion[] = [];
  let open: LedgerEntry[] = [];
  let bytes = 0;
  for (const entry of entries) {
    open.push(entry);
    bytes += countJsonBytes(entry);
    if (bytes < LEDGER_PORTION_BYTES) continue;
    closed.push(open);
    open = [];
    bytes = 0;
  }
  return { closed, open };
}

/** The whole ledger again. */
export function joinPortions(closed: readonly LedgerPortion[], open: LedgerPortion): LedgerPortion {
  return closed.length === 0 ? open : [...closed.flat(), ...open];
}
