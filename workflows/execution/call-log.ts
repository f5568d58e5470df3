// The call log of one workflow: entries wait here until a command or the end of the run takes them along, a message full at
// a time, counted in bytes. Where nothing takes them for long, or they are large, they are sent on their own. The end of a
// call whose start still waits joins it: of very many small calls one entry each travels, not two.

import { countJsonBytes } from '../../domain/values/byte-size.js';
import type { CallEnd, CallEntry, CallLog } from '../../domain/runs/call.js';
import type { JsonObject } from '../../domain/json/json.js';
import { createLostEntries } from './lost-entries.js';

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

export interface CallLogOutbox {
  add(entry: Omit<CallEntry, 'n'>): void;
  /** How a call ended. */
  addEnd(path: string, end: Omit<CallEnd, 'n'>): void;
  /** Entries of a child whose end brought them here. */
  adopt(entries: readonly CallEntry[]): void;
  /** The root's state has changed; only the last one before a departure is told. */
  noteState(path: string, read: () => JsonObject, now: () => number): void;
  /** Takes what waits, at most a message full; undefined where nothing does, or where what is next travels alone. */
  take(): CallLog | undefined;
  /** Puts taken entries back in front, when what carried them was refused. Delivery twice does no harm. */
  putBack(log: CallLog): void;
  /** What carried the entries has ended: they are where they belong. */
  noteArrival(log: CallLog): void;
  /** Puts back what is under way with operations that are left to the next execution, which may never get to it. */
  recall(): void;
  /** What waits, for the next execution; undefined where it is too much to carry and has to be sent before. */
  readonly carried: readonly CallEntry[] | undefined;
  /** Sends what waits until nothing does. What is refused is lost, a note says so in its place, and the rest goes on. Throws where not even that can be written. */
  flush(): Promise<void>;
  /** Before an end: nothing is being sent any more, and one message takes what waits. Throws as flush does. */
  lighten(): Promise<void>;
  /** Why something of it stands nowhere and no note says so. */
  readonly unsaid: string | undefined;
  /** Nothing is being sent. */
  isSettled(): boolean;
  readonly lastN: number;
  /** All that waits, for another workflow to take along. */
  handOver(): CallLog;
}

export interface CallLogWorld {
  readonly workflowId: string;
  readonly lastN: number;
  /** What an earlier execution had not sent. */
  readonly entries: readonly CallEntry[];
  /** Author code is being led back: what it does now was told before. */
  readonly isMuted: () => boolean;
  readonly send: (log: CallLog) => Promise<void>;
  /** Why a log was refused; throws what is no refusal. */
  readonly explain: (error: unknown) => string;
}

/** An entry that waits. Starts and ends count one each, joined or not: what is sent when must not depend on that. */
interface Waiting {
  entry: CallEntry;
  told: number;
  bytes: number;
}

export function createCallLog(world: CallLogWorld): CallLogOutbox {
  let lastN = world.lastN;
  const queue = createQueue(world.entries);
  const travelling = new Set<CallLog>();
  /** Calls whose start waits and was never given to anybody. */
  const joinable = new Map<string, Waiting>();
  let readState: (() => Omit<CallEntry, 'n'>) | undefined;
  let sending: Promise<void> | undefined;
  const losses = createLostEntries(world.explain);

  const push = (entry: Omit<CallEntry, 'n'>): Waiting => {
    lastN += 1;
    return queue.push({ n: lastN, ...entry });
  };
  const sendMany = (): void => {
    if (queue.isLong && sending === undefined) void send(leave).catch(leaveWaiting);
  };
  const tellState = (): void => {
    if (!readState) return;
    push(readState());
    readState = undefined;
  };
  const depart = (entries: readonly CallEntry[]): CallLog => {
    joinable.clear();
    const log = { workflowId: world.workflowId, entries };
    travelling.add(log);
    return log;
  };
  const takePortion = (mayBeLarge: boolean): CallLog | undefined => {
    tellState();
    const entries = queue.shift(mayBeLarge);
    return entries.length === 0 ? undefined : depart(entries);
  };
  const putBack = (log: CallLog): void => {
    // Put back already, when it might have been left.
    if (!travelling.delete(log)) return;
    queue.putBack(log.entries);
    // They may have arrived as they are, and their numbers count once: nothing joins them any more.
    joinable.clear();
  };
  /** A command may take it along. */
  const leave = (log: CallLog, error: unknown): never => {
    putBack(log);
    throw error;
  };
  const tellLoss = (log: CallLog, error: unknown): void => {
    const note = losses.add(log, error);
    if (note === undefined) return leave(log, error);
    travelling.delete(log);
    losses.noteTold(push(note).entry.n);
  };
  const sendAll = async (before: Promise<void> | undefined, refuse: (log: CallLog, error: unknown) => void): Promise<void> => {
    await before?.catch(leaveWaiting);
    for (let log = takePortion(true); log; log = takePortion(true)) {
      try {
        await world.send(log);
        travelling.delete(log);
      } catch (error) {
        refuse(log, error);
      }
    }
  };
  /** One after the other; something is being sent until the last one has ended, however it ended. */
  const send = async (refuse: (log: CallLog, error: unknown) => void): Promise<void> => {
    const mine = sendAll(sending, refuse);
    sending = mine;
    try {
      await mine;
    } finally {
      if (sending === mine) sending = undefined;
    }
  };

  return {
    add: (entry) => {
      if (world.isMuted()) return;
      const waiting = push(entry);
      if (entry.phase === 'started') joinable.set(entry.path, waiting);
      sendMany();
    },
    addEnd: (path, end) => {
      if (world.isMuted()) return;
      const started = joinable.get(path);
      if (started === undefined) push({ ...end, path });
      else {
        lastN += 1;
        queue.join(started, { n: lastN, ...end });
        joinable.delete(path);
      }
      sendMany();
    },
    // Never told before: who ends is heard once, also by a caller that is being led back.
    adopt: (entries) => {
      if (entries.length === 0) return;
      for (const entry of entries) queue.push(entry);
      // What comes from a child stands between what was told before and after it.
      joinable.clear();
      sendMany();
    },
    noteState: (path, read, now) => {
      if (!world.isMuted()) readState = () => ({ phase: 'state', path, atMs: now(), state: read() });
    },
    take: () => takePortion(false),
    putBack,
    noteArrival: (log) => void travelling.delete(log),
    recall: () => [...travelling].reverse().forEach(putBack),
    get carried() {
      tellState();
      return queue.listCarried();
    },
    flush: () => send(tellLoss),
    lighten: async () => {
      // Also one that stands behind the one that is under way now.
      while (sending !== undefined) await sending.catch(leaveWaiting);
      tellState();
      if (queue.isHeavy) await send(tellLoss);
    },
    get unsaid() {
      return losses.unsaid;
    },
    isSettled: () => sending === undefined,
    get lastN() {
      return lastN;
    },
    handOver: () => {
      tellState();
      return depart(queue.takeAll());
    },
  };
}

/** Whoever takes the entries next tells them, and hears whether it can. */
const leaveWaiting = (): void => undefined;

/** What waits, with what it counts and weighs. */
function createQueue(carried: readonly CallEntry[]) {
  let waiting: Waiting[] = [];
  let told = 0;
  let bytes = 0;
  const weigh = (entry: CallEntry): Waiting => {
    const { ended } = entry;
    return ended === undefined
      ? { entry, told: 1, bytes: measureEntry(entry) }
      : { entry, told: 2, bytes: measureEntry(entry) + measureEntry(ended) };
  };
  const count = (each: Waiting, sign: 1 | -1): void => {
    told += sign * each.told;
    bytes += sign * each.bytes;
  };
  waiting = carried.map(weigh);
  for (const each of waiting) count(each, 1);
  return {
    /** Too much to wait for what takes it along. */
    get isLong() {
      return told >= FLUSH_AT_ENTRIES || bytes >= PORTION_BYTES;
    },
    /** More than an end may take along. */
    get isHeavy() {
      return told > CARRIED_ENTRIES_MAX || bytes > PORTION_BYTES;
    },
    /** Undefined where it is too much for the next execution. */
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
    /** A message full. An entry that is more than that comes alone, and only where it may. */
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
      return all.map(({ entry }) => entry);
    },
  };
}

/** Entries that another workflow takes along: each with the name of the one that wrote it. */
export function listHandedOver({ workflowId, entries }: CallLog): readonly CallEntry[] {
  return entries.map((entry) => ({ workflowId, ...entry }));
}

function measureEntry(entry: CallEntry | CallEnd): number {
  const { arguments: given, state, data, path = '', note, window } = entry as Partial<CallEntry>;
  let bytes = ENTRY_FIXED_BYTES + path.length;
  for (const value of [given, entry.result, entry.error, state, data])
    if (value !== undefined && value !== null) bytes += countJsonBytes(value);
  return note === undefined && window === undefined ? bytes : bytes + countJsonBytes(note ?? window);
}
