// The call log of one workflow: entries wait here until a command or the end of the run takes them along.
// Where nothing takes them for long, they are sent on their own.

import type { CallEntry, CallLog } from '../domain/call.js';
import type { JsonObject } from '../domain/json.js';

/** From here on entries are sent on their own. */
const FLUSH_AT_ENTRIES = 400;
/** What one message carries; Temporal's limit is 2 MiB. */
const PORTION_ENTRIES = 500;

export interface CallLogOutbox {
  add(entry: Omit<CallEntry, 'n'>): void;
  /** Entries of a child whose end brought them here. */
  adopt(entries: readonly CallEntry[]): void;
  /** The root's state has changed; only the last one before a departure is told. */
  noteState(path: string, read: () => JsonObject, now: () => number): void;
  /** Takes what waits, at most a message full; undefined where nothing does. */
  take(): CallLog | undefined;
  /** Puts taken entries back in front, when what carried them was refused. Delivery twice does no harm. */
  putBack(log: CallLog): void;
  /** Sends what waits until nothing does. */
  flush(): Promise<void>;
  /** Nothing is being sent. */
  isSettled(): boolean;
  readonly lastN: number;
  /** Entries that nothing took along yet. */
  readonly waiting: number;
  /** Waiting entries for another workflow to take along: with the name of their own. */
  handOver(): readonly CallEntry[];
}

export interface CallLogWorld {
  readonly workflowId: string;
  readonly lastN: number;
  /** Author code is being led back: what it does now was told before. */
  readonly isMuted: () => boolean;
  readonly send: (log: CallLog) => Promise<void>;
}

export function createCallLog(world: CallLogWorld): CallLogOutbox {
  const { workflowId } = world;
  let lastN = world.lastN;
  let waiting: CallEntry[] = [];
  let readState: (() => Omit<CallEntry, 'n'>) | undefined;
  let sending: Promise<void> | undefined;

  const tellState = (): void => {
    if (!readState) return;
    lastN += 1;
    waiting.push({ n: lastN, ...readState() });
    readState = undefined;
  };
  const take = (): CallLog | undefined => {
    tellState();
    if (waiting.length === 0) return undefined;
    const entries = waiting.slice(0, PORTION_ENTRIES);
    waiting = waiting.slice(PORTION_ENTRIES);
    return { workflowId, entries };
  };
  const sendAll = async (): Promise<void> => {
    for (let log = take(); log; log = take()) await world.send(log);
  };
  const flush = async (): Promise<void> => {
    await sending;
    sending = sendAll();
    await sending;
    sending = undefined;
  };

  return {
    add: (entry) => {
      if (world.isMuted()) return;
      lastN += 1;
      waiting.push({ n: lastN, ...entry });
      if (waiting.length >= FLUSH_AT_ENTRIES && sending === undefined) void flush();
    },
    adopt: (entries) => { if (!world.isMuted()) waiting.push(...entries); },
    noteState: (path, read, now) => {
      if (!world.isMuted()) readState = () => ({ phase: 'state', path, atMs: now(), state: read() });
    },
    take,
    putBack: (log) => { waiting = [...log.entries, ...waiting]; },
    flush,
    isSettled: () => sending === undefined,
    get lastN() {
      return lastN;
    },
    get waiting() {
      return waiting.length;
    },
    handOver: () => {
      tellState();
      const entries = waiting.map((entry) => ({ workflowId, ...entry }));
      waiting = [];
      return entries;
    },
  };
}
