// What a run that failed or was cancelled had done, as it leaves it with its end: another run can go on from it also when
// nobody executes its source any more.

import type { Json } from '../json/json.js';

export interface EndedLedger {
  /** Entries of the ledger, in order. */
  readonly entries: readonly Json[];
  /** Calls that can be gone on from, each with how many entries are older than it. */
  readonly starts: readonly (readonly [callPath: string, olderEntries: number])[];
}

/** The ledger up to where a call began; null where the path names no call to go on from. */
export function cutEndedLedger(
  { entries, starts }: EndedLedger,
  callPath: string,
): { readonly ledger: Json; readonly choices: readonly string[] } {
  const start = starts.find(([path]) => path === callPath);
  return { ledger: start === undefined ? null : entries.slice(0, start[1]), choices: starts.map(([path]) => path) };
}
