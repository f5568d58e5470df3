// The call log of one workflow: entries wait here until a command or the end of the run takes them along, a message full at
// a time, counted in bytes. Where nothing takes them for long, or they are large, they are sent on their own. The end of a
// call whose start still waits joins it: of very many small calls one entry each travels, not two.

import type { CallEnd, CallEntry, CallLog } from '../../domain/runs/call.js';
import type { JsonObject } from '../../domain/json/json.js';
import { createLostEntries } from './lost-entries.js';
import { createBegunTeller, type TellerWorld } from './tell-begun.js';
import { createQueue, type Waiting } from './waiting-entries.js';

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
  /** Author code is at rest: a call that has begun is told of soon, whatever comes along meanwhile. */
  rest(): void;
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
  /** Calls back after so long; what it returns takes that back. */
  readonly after: (ms: number, then: () => void) => () => void;
}

export function createCallLog(world: CallLogWorld): CallLogOutbox {
  let lastN = world.lastN;
  const queue = createQueue(world.entries);
  const travelling = new Set<CallLog>();
  /** Calls whose start waits and was never given to anybody. */
  const joinable = new Map<string, Waiting>();
  let readState: (() => Omit<CallEntry, 'n'>) | undefined;
  const losses = createLostEntries(world.explain);

  const push = (entry: Omit<CallEntry, 'n'>): Waiting => {
    lastN += 1;
    return queue.push({ n: lastN, ...entry });
  };
  const sendMany = (): void => {
    if (queue.isLong && !sender.isSending) void sender.send(leave).catch(leaveWaiting);
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
    teller.noteTaken();
    return log;
  };
  const takePortion = (mayBeLarge: boolean): CallLog | undefined => {
    tellState();
    const entries = queue.shift(mayBeLarge);
    return entries.length === 0 ? undefined : depart(entries);
  };
  const noteArrival = (log: CallLog): void => void travelling.delete(log);
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
  const sender = createSender({ take: () => takePortion(true), send: world.send, noteArrival });
  const teller = createBegunTeller({
    isDue: () => !sender.isSending && queue.hasOpenCall(),
    take: () => takePortion(false),
    send: world.send,
    noteArrival,
    putBack,
    after: world.after,
  });

  return {
    rest: () => {
      teller.rest();
    },
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
    noteArrival,
    recall: () => [...travelling].reverse().forEach(putBack),
    get carried() {
      tellState();
      return queue.listCarried();
    },
    flush: () => sender.send(tellLoss),
    lighten: async () => {
      // Also one that stands behind the one that is under way now.
      await sender.settle();
      // With its workflow nobody would try it again.
      teller.takeBack();
      tellState();
      if (queue.isHeavy) await sender.send(tellLoss);
    },
    get unsaid() {
      return losses.unsaid;
    },
    isSettled: () => !sender.isSending,
    get lastN() {
      return lastN;
    },
    handOver: () => {
      tellState();
      return depart(queue.takeAll());
    },
  };
}

type Refuse = (log: CallLog, error: unknown) => void;

/** One message after the other, until nothing waits. */
function createSender({
  take,
  send,
  noteArrival,
}: { readonly take: () => CallLog | undefined } & Pick<TellerWorld, 'send' | 'noteArrival'>) {
  /** Something is being sent until the last one has ended, however it ended. */
  let sending: Promise<void> | undefined;
  const sendAll = async (before: Promise<void> | undefined, refuse: Refuse): Promise<void> => {
    await before?.catch(leaveWaiting);
    for (let log = take(); log; log = take()) {
      try {
        await send(log);
        noteArrival(log);
      } catch (error) {
        refuse(log, error);
      }
    }
  };
  return {
    get isSending() {
      return sending !== undefined;
    },
    send: async (refuse: Refuse): Promise<void> => {
      const mine = sendAll(sending, refuse);
      sending = mine;
      try {
        await mine;
      } finally {
        if (sending === mine) sending = undefined;
      }
    },
    /** Resolves when nothing is being sent. */
    settle: async (): Promise<void> => {
      while (sending !== undefined) await sending.catch(leaveWaiting);
    },
  };
}

/** Whoever takes the entries next tells them, and hears whether it can. */
const leaveWaiting = (): void => undefined;

/** Entries that another workflow takes along: each with the name of the one that wrote it. */
export function listHandedOver({ workflowId, entries }: CallLog): readonly CallEntry[] {
  return entries.map((entry) => ({ workflowId, ...entry }));
}
