// The call log of one workflow: entries wait here until a command or the end of the run takes them along.
// Where nothing takes them for long, they are sent on their own. The end of a call whose start still waits joins it: of
// very many small calls one entry each travels, not two.

import type { CallEnd, CallEntry, CallLog } from '../domain/call.js';
import type { JsonObject } from '../domain/json.js';

/** From here on entries are sent on their own. */
const FLUSH_AT_ENTRIES = 400;
/** What the next execution is given instead of Postgres: with that away, the run goes on. */
const CARRIED_LIMIT_BYTES = 64 * 1024;
/** What one message carries; Temporal's limit is 2 MiB. */
const PORTION_ENTRIES = 500;

export interface CallLogOutbox {
  add(entry: Omit<CallEntry, 'n'>): void;
  /** How a call ended. */
  addEnd(path: string, end: Omit<CallEnd, 'n'>): void;
  /** Entries of a child whose end brought them here. */
  adopt(entries: readonly CallEntry[]): void;
  /** The root's state has changed; only the last one before a departure is told. */
  noteState(path: string, read: () => JsonObject, now: () => number): void;
  /** Takes what waits, at most a message full; undefined where nothing does. */
  take(): CallLog | undefined;
  /** Puts taken entries back in front, when what carried them was refused. Delivery twice does no harm. */
  putBack(log: CallLog): void;
  /** What carried the entries has ended: they are where they belong. */
  noteArrival(log: CallLog): void;
  /** Puts back what is under way with operations that are left to the next execution, which may never get to it. */
  recall(): void;
  /** What waits, for the next execution; undefined where it is too much to carry and has to be sent before. */
  readonly carried: readonly CallEntry[] | undefined;
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
  /** What an earlier execution had not sent. */
  readonly entries: readonly CallEntry[];
  /** Author code is being led back: what it does now was told before. */
  readonly isMuted: () => boolean;
  readonly send: (log: CallLog) => Promise<void>;
}

export function createCallLog(world: CallLogWorld): CallLogOutbox {
  const { workflowId } = world;
  let lastN = world.lastN;
  let waiting: CallEntry[] = [...world.entries];
  /** Starts and ends count one each, joined or not: what is sent when must not depend on the form of the entries. */
  let waitingTold = countTold(world.entries);
  const travelling = new Set<CallLog>();
  /** Calls whose start waits and was never given to anybody: where it is. */
  const joinable = new Map<string, number>();
  const toldBy = new WeakMap<CallLog, number>();
  let readState: (() => Omit<CallEntry, 'n'>) | undefined;
  let sending: Promise<void> | undefined;

  const push = (entry: Omit<CallEntry, 'n'>): void => {
    lastN += 1;
    waitingTold += 1;
    waiting.push({ n: lastN, ...entry });
  };
  const sendMany = (): void => { if (waitingTold >= FLUSH_AT_ENTRIES && sending === undefined) void flush(); };
  const tellState = (): void => {
    if (!readState) return;
    push(readState());
    readState = undefined;
  };
  const takeAll = (): CallEntry[] => {
    const all = waiting;
    waiting = [];
    waitingTold = 0;
    joinable.clear();
    return all;
  };
  const take = (): CallLog | undefined => {
    tellState();
    if (waitingTold === 0) return undefined;
    const told = Math.min(PORTION_ENTRIES, waitingTold);
    const rest = waitingTold - told;
    const all = takeAll();
    const log = { workflowId, entries: rest === 0 ? all : all.splice(0, countUpTo(all, told)) };
    if (rest > 0) {
      waiting = all;
      waitingTold = rest;
    }
    toldBy.set(log, told);
    travelling.add(log);
    return log;
  };
  const putBack = (log: CallLog): void => {
    // Put back already, when it might have been left.
    if (!travelling.delete(log)) return;
    waiting = [...log.entries, ...waiting];
    waitingTold += toldBy.get(log) ?? countTold(log.entries);
    // They may have arrived as they are, and their numbers count once: nothing joins them any more, and places have moved.
    joinable.clear();
  };
  const sendAll = async (): Promise<void> => {
    for (let log = take(); log; log = take()) {
      await world.send(log);
      travelling.delete(log);
    }
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
      if (entry.phase === 'started') joinable.set(entry.path, waiting.length);
      push(entry);
      sendMany();
    },
    addEnd: (path, end) => {
      if (world.isMuted()) return;
      const place = joinable.get(path);
      const started = place === undefined ? undefined : waiting[place];
      if (place === undefined || started === undefined) push({ ...end, path });
      else {
        lastN += 1;
        waitingTold += 1;
        waiting[place] = { ...started, ended: { n: lastN, ...end } };
        joinable.delete(path);
      }
      sendMany();
    },
    adopt: (entries) => {
      if (world.isMuted()) return;
      waiting.push(...entries);
      waitingTold += countTold(entries);
      // What comes from a child stands between what was told before and after it.
      joinable.clear();
    },
    noteState: (path, read, now) => {
      if (!world.isMuted()) readState = () => ({ phase: 'state', path, atMs: now(), state: read() });
    },
    take,
    putBack,
    noteArrival: (log) => { travelling.delete(log); },
    recall: () => { for (const log of [...travelling].reverse()) putBack(log); },
    get carried() {
      tellState();
      return JSON.stringify(waiting).length <= CARRIED_LIMIT_BYTES ? waiting : undefined;
    },
    flush,
    isSettled: () => sending === undefined,
    get lastN() {
      return lastN;
    },
    get waiting() {
      return waitingTold;
    },
    handOver: () => {
      tellState();
      return takeAll().map((entry) => ({ workflowId, ...entry }));
    },
  };
}

function countTold(entries: readonly CallEntry[]): number {
  return entries.reduce((sum, { ended }) => sum + (ended === undefined ? 1 : 2), 0);
}

/** How many entries tell of so many starts and ends; a joined one at the edge goes along whole. */
function countUpTo(entries: readonly CallEntry[], told: number): number {
  let count = 0;
  for (let sum = 0; sum < told && count < entries.length; count++) sum += entries[count]?.ended === undefined ? 1 : 2;
  return count;
}
