// The ledger: completed operations of a workflow in the order in which author code learned of them. It is carried
// over when the workflow continues as new, and the author's function, run again from the top, is served from it.

import { countJsonBytes } from '../../domain/values/byte-size.js';
import { LabError, type ErrorRecord } from '../../domain/errors/error.js';
import type { Json } from '../../domain/json/json.js';
import type { StatePatch } from './state-view.js';

/** Operations that one workflow may remember; more is refused before the next one begins. */
export const LEDGER_LIMIT_ENTRIES = 4_000;
/** It travels by reference; what it weighs is memory and time of whoever is led through it. */
export const LEDGER_LIMIT_BYTES = 16 * 1024 * 1024;
/** Of an entry without id and result: time, fingerprint, what JSON adds. */
const ENTRY_FIXED_BYTES = 44;
/** Larger results are not carried over but read again where they are kept. */
export const CARRIED_RESULT_LIMIT_BYTES = 1024;

/** Why a run ends whatever author code does: it was cancelled, or it remembers more than a run can carry. */
export type Ending = 'cancelled' | 'full';

export interface LedgerEntry {
  readonly id: string;
  /** Workflow time at which author code learned of it, in ms since 1970. */
  readonly at: number;
  /** The result, where there is no error. */
  readonly ok?: Json;
  readonly error?: ErrorRecord;
  readonly isCancelled?: true;
  /** Fingerprint of what it was; entries of older generations have none. */
  readonly is?: string;
  /** From here on nothing of author code begins any more. */
  readonly ends?: Ending;
  /** The result is large and kept there. */
  readonly keptAs?: KeptAs;
  /** The command that gave the result is the one sent again so many times. */
  readonly retry?: number;
  /** What a finished call changed in the run state. */
  readonly patch?: StatePatch;
}

/** A command by its id; the commands of a block; an inline call or a calculation, or a child with nothing but its result, by path. */
export type KeptAs = { readonly command: string } | { readonly block: KeptBlock } | { readonly call: string } | { readonly child: string };

/** Commands of one scope, numbered without gaps. */
export interface KeptBlock {
  readonly runId: string;
  readonly path: string;
  readonly firstN: number;
  /** Of each, the retry that gave its result. */
  readonly retries: readonly number[];
}

export interface Ledger {
  readonly length: number;
  /** About what it weighs when it is carried over. */
  readonly bytes: number;
  /** Rises with every entry ever added; tells what came before what. */
  readonly nextSeq: number;
  /** Adds an entry and takes away what it stands for: entries under the prefix that are not older than `sinceSeq`, and its own predecessor. */
  add(entry: LedgerEntry, replaces?: { readonly prefixes: readonly string[]; readonly sinceSeq: number }): void;
  at(index: number): LedgerEntry | undefined;
  has(id: string): boolean;
  /** Entries older than the sequence number, in order. */
  listBefore(seq: number): readonly LedgerEntry[];
  list(): readonly LedgerEntry[];
  /** A call has begun: a run that continues this one may begin anew there, until the call is part of something concluded. */
  noteStart(callPath: string, seq: number): void;
  forgetStart(callPath: string): void;
  readonly starts: ReadonlyMap<string, number>;
  /** Throws LedgerFull where there is none, or where there was none before. */
  requireRoom(wasFull?: boolean): void;
}

/** Where it is not their number. */
const TOO_HEAVY_REMEDY =
  'Keep large values out of what is remembered: save them with run.data.save, and hand on less in run.state, in answers of people and from one iteration to the next.';

/** LEDGER_FULL of this very ledger, and not of a call that had one of its own. */
export class LedgerFull extends LabError {}

interface Kept {
  readonly entry: LedgerEntry;
  readonly seq: number;
  readonly bytes: number;
}

export function createLedger(carried: readonly LedgerEntry[], limitBytes = LEDGER_LIMIT_BYTES): Ledger {
  const kept: Kept[] = [];
  let nextSeq = 0;
  let totalBytes = 0;
  const ids = new Set<string>();
  const starts = new Map<string, number>();

  const push = (entry: LedgerEntry): void => {
    const bytes = measureEntry(entry);
    kept.push({ entry, seq: nextSeq++, bytes });
    ids.add(entry.id);
    totalBytes += bytes;
  };
  const removeSince = (sinceSeq: number, isReplaced: (id: string) => boolean): void => {
    let first = kept.length;
    while (first > 0 && (kept[first - 1]?.seq ?? -1) >= sinceSeq) first -= 1;
    const tail = kept.slice(first).filter(({ entry, bytes }) => {
      if (!isReplaced(entry.id)) return true;
      ids.delete(entry.id);
      totalBytes -= bytes;
      return false;
    });
    kept.length = first;
    kept.push(...tail);
  };

  for (const entry of carried) push(entry);
  return {
    get length() {
      return kept.length;
    },
    get bytes() {
      return totalBytes;
    },
    get nextSeq() {
      return nextSeq;
    },
    starts,
    noteStart: (callPath, seq) => {
      starts.set(callPath, seq);
    },
    forgetStart: (callPath) => {
      starts.delete(callPath);
    },
    add: (entry, replaces) => {
      if (replaces) {
        const isInside = (id: string): boolean => replaces.prefixes.some((prefix) => id.startsWith(prefix));
        removeSince(replaces.sinceSeq, (id) => id === entry.id || isInside(id));
        for (const callPath of starts.keys()) if (isInside(callPath)) starts.delete(callPath);
      }
      push(entry);
    },
    at: (index) => kept[index]?.entry,
    has: (id) => ids.has(id),
    listBefore: (seq) => kept.filter((each) => each.seq < seq).map(({ entry }) => entry),
    list: () => kept.map(({ entry }) => entry),
    requireRoom: (wasFull = false) => {
      if (!wasFull && kept.length <= LEDGER_LIMIT_ENTRIES && totalBytes <= limitBytes) return;
      throw new LedgerFull('LEDGER_FULL', {
        message: `The run remembers ${kept.length} operations in ${Math.round(totalBytes / 1024)} KiB; it can carry ${LEDGER_LIMIT_ENTRIES} and ${Math.round(limitBytes / 1024)} KiB.`,
        ...(totalBytes > limitBytes && { remedy: TOO_HEAVY_REMEDY }),
      });
    },
  };
}

/** About what the entry weighs as JSON; exact enough for a limit. */
function measureEntry(entry: LedgerEntry): number {
  const fixed = ENTRY_FIXED_BYTES + entry.id.length;
  if (entry.ok === null) return fixed;
  const rest = [entry.ok, entry.error, entry.patch].filter((part) => part !== undefined);
  return fixed + rest.reduce<number>((sum, part) => sum + countJsonBytes(part), 0);
}
