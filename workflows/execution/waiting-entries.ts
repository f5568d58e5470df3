// Entries of the call log that wait, with what they count and weigh, and how many of them one message takes.

import { countJsonBytes } from '../../domain/values/byte-size.js';
import type { CallEnd, CallEntry } from '../../domain/runs/call.js';

/** From here on entries are sent on their own. */
const FLUSH_AT_ENTRIES = 400;
/** What the next execution is given instead of Postgres: with that away, the run goes on. */
const CARRIED_LIMIT_BYTES = 64 * 1024;
/** What one message carries: each start and each end counts. */
const PORTION_ENTRIES = 500;
/** The same in bytes. A command with its own arguments stays below 256 KiB; one entry that is larger travels alone, and never with a command. */
export const PORTION_BYTES = 192 * 1024;
/** What an end may carry; more is sent on its own before. */
const CARRIED_ENTRIES_MAX = 100;
/** About what an entry weighs beside its path and its values. */
const ENTRY_FIXED_BYTES = 160;

/** An entry that waits. Starts and ends count one each, joined or not: what is sent when must not depend on that. */
export interface Waiting {
  entry: CallEntry;
  told: number;
  bytes: number;
}

/** What waits, with what it counts and weighs. */
export interface EntryQueue {
  /** Too much to wait for what takes it along. */
  readonly isLong: boolean;
  /** More than an end may take along. */
  readonly isHeavy: boolean;
  /** A call has begun, and nobody was told; its end does not wait here either. */
  hasOpenCall(): boolean;
  /** Undefined where it is too much for the next execution. */
  listCarried(): readonly CallEntry[] | undefined;
  push(entry: CallEntry): Waiting;
  join(started: Waiting, end: CallEnd): void;
  putBack(entries: readonly CallEntry[]): void;
  /** A message full. An entry that is more than that comes alone, and only where it may. */
  shift(mayBeLarge: boolean): CallEntry[];
  takeAll(): CallEntry[];
}

export function createQueue(carried: readonly CallEntry[]): EntryQueue {
  let waiting: Waiting[] = [];
  let told = 0;
  let bytes = 0;
  /** Starts without their ends. */
  let begun = 0;
  const weigh = (entry: CallEntry): Waiting => {
    const { ended } = entry;
    return ended === undefined
      ? { entry, told: 1, bytes: measureEntry(entry) }
      : { entry, told: 2, bytes: measureEntry(entry) + measureEntry(ended) };
  };
  const count = (each: Waiting, sign: 1 | -1): void => {
    told += sign * each.told;
    bytes += sign * each.bytes;
    if (hasBegun(each)) begun += sign;
  };
  waiting = carried.map(weigh);
  for (const each of waiting) count(each, 1);
  return {
    get isLong() {
      return told >= FLUSH_AT_ENTRIES || bytes >= PORTION_BYTES;
    },
    get isHeavy() {
      return told > CARRIED_ENTRIES_MAX || bytes > PORTION_BYTES;
    },
    hasOpenCall: (): boolean => {
      if (begun === 0) return false;
      const ended = new Set(waiting.filter(({ entry }) => isEnd(entry.phase)).map(({ entry }) => entry.path));
      return waiting.some((each) => hasBegun(each) && !ended.has(each.entry.path));
    },
    listCarried: (): readonly CallEntry[] | undefined => (bytes <= CARRIED_LIMIT_BYTES ? waiting.map(({ entry }) => entry) : undefined),
    push: (entry: CallEntry): Waiting => {
      const each = weigh(entry);
      waiting.push(each);
      count(each, 1);
      return each;
    },
    join: (started: Waiting, end: CallEnd): void => {
      count(started, -1);
      started.entry = { ...started.entry, ended: end };
      started.told += 1;
      started.bytes += measureEntry(end);
      count(started, 1);
    },
    putBack: (entries: readonly CallEntry[]): void => {
      const back = entries.map(weigh);
      for (const each of back) count(each, 1);
      waiting = [...back, ...waiting];
    },
    shift: (mayBeLarge: boolean): CallEntry[] => {
      let portionTold = 0;
      let portionBytes = 0;
      let length = 0;
      for (const each of waiting) {
        const isFirst = length === 0;
        if (portionBytes + each.bytes > PORTION_BYTES && !(isFirst && mayBeLarge)) break;
        if (portionTold >= PORTION_ENTRIES) break;
        portionTold += each.told;
        portionBytes += each.bytes;
        length += 1;
      }
      const portion = waiting.splice(0, length);
      for (const each of portion) count(each, -1);
      return portion.map(({ entry }) => entry);
    },
    takeAll: (): CallEntry[] => {
      const all = waiting;
      waiting = [];
      told = 0;
      bytes = 0;
      begun = 0;
      return all.map(({ entry }) => entry);
    },
  };
}

function hasBegun({ entry }: Waiting): boolean {
  return entry.phase === 'started' && entry.ended === undefined;
}

function isEnd(phase: CallEntry['phase']): boolean {
  return phase === 'completed' || phase === 'failed' || phase === 'cancelled';
}

function measureEntry(entry: CallEntry | CallEnd): number {
  const { arguments: given, state, data, path = '', note, window } = entry as Partial<CallEntry>;
  let bytes = ENTRY_FIXED_BYTES + path.length;
  for (const value of [given, entry.result, entry.error, state, data])
    if (value !== undefined && value !== null) bytes += countJsonBytes(value);
  return note === undefined && window === undefined ? bytes : bytes + countJsonBytes(note ?? window);
}
