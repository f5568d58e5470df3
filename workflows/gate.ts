// The gate: every tracked operation of a workflow passes `step`, and every completion comes back through one delivery
// loop. The loop hands over one completion at a time and lets author code react to it fully before the next, so that
// parallel branches interleave the same way live, under replay, and when the author's function is run again from the
// top after the workflow continued as new: then completions come from the ledger instead of the world.

import { CancellationScope, CancelledFailure, condition, isCancellation, workflowInfo } from '@temporalio/workflow';
import type { Json } from '../domain/json.js';
import { drainMicrotasks } from './drain-microtasks.js';
import { toError, toErrorRecord, toLabError } from './failures.js';
import { CARRIED_RESULT_LIMIT_BYTES, createLedger, type KeptAs, type Ledger, type LedgerEntry } from './ledger.js';
import type { StatePatch } from './state-view.js';
import { readWorkflowTimeMs } from './workflow-clock.js';

/** From here on no operation begins and the workflow continues as new as soon as those under way have ended. */
export const HISTORY_BUDGET_EVENTS = 1_500;
const HISTORY_BUDGET_BYTES = 4 * 1024 * 1024;

export interface Operation<T extends Json> {
  /** Names it for ever: the same on every way to it. */
  readonly id: string;
  /** Also begins when the run is cancelled or paused: part of a cleanup. */
  readonly isShielded: boolean;
  /** `carried` is what an earlier execution of the workflow left for it by Rearm. */
  readonly run: (carried: Json | undefined) => Promise<T>;
  /** Where its result can be read again, should it be too large to carry over. */
  readonly keptAs?: () => KeptAs | undefined;
}

/** Thrown by an operation that waits: the next execution goes on with it from what it gives here. */
export class Rearm extends Error {
  override readonly name = 'Rearm';
  readonly carried: Json;
  constructor(carried: Json) {
    super('Goes on in the next execution of the workflow');
    this.carried = carried;
  }
}

/** What a finished part of the run stands for in the ledger. */
export interface Conclusion {
  readonly id: string;
  readonly ok: Json;
  readonly patch?: StatePatch | undefined;
  readonly keptAs?: KeptAs;
  /** Ids that the conclusion replaces, by their beginnings. */
  readonly prefixes: readonly string[];
  readonly sinceSeq: number;
}

export interface Concluded {
  readonly ok: Json;
  readonly patch: StatePatch | undefined;
}

export interface Gate {
  /** Runs one operation. Rejects with CancelledFailure where the run is cancelled before it begins. */
  step<T extends Json>(operation: Operation<T>): Promise<T>;
  /** Puts one entry in the place of many; resolves in order with all other completions. */
  conclude(conclusion: Conclusion): Promise<Concluded>;
  /** Whether the ledger holds a conclusion of this id that author code has not heard of yet. */
  willHear(id: string): boolean;
  /** The conclusion, when its turn comes. */
  hear(id: string): Promise<Concluded>;
  /** Workflow time of the last completion that author code has seen: the author's clock. */
  now(): number;
  /** Author code is being led back to where it was. */
  readonly isReentering: boolean;
  /** The history is full: waits give up by Rearm. */
  readonly isContinuing: boolean;
  /** Nothing is under way and the history is full. */
  isReadyToContinue(): boolean;
  readonly ledger: Ledger;
  /** Sequence number that the next completion gets, or had. */
  readonly seq: number;
  /** What waiting operations left for the next execution, by id. */
  readonly open: Readonly<Record<string, Json>>;
  /** Begins to serve from the ledger; called once the author's function has been entered. */
  start(): void;
  /** Rejects when author code took another way than the ledger says. */
  readonly broken: Promise<never>;
}

export interface GateWorld {
  /** Operations run inside; cancelled with the run. */
  readonly operations: CancellationScope;
  readonly isPaused: () => boolean;
  readonly isCancelled: () => boolean;
  readonly carried: { readonly ledger: readonly LedgerEntry[]; readonly open: Readonly<Record<string, Json>> } | undefined;
  /** Results that were too large to carry, read again: by ledger id. */
  readonly results: ReadonlyMap<string, Json>;
  readonly historyBudgetEvents: number;
}

interface Waiting {
  readonly operation: Operation<Json> | undefined;
  readonly settle: (entry: LedgerEntry, live?: { readonly value: Json } | { readonly error: unknown }) => void;
}

interface Arrival {
  readonly deliver: () => void;
}

export function createGate(world: GateWorld): Gate {
  const ledger = createLedger(world.carried?.ledger ?? []);
  const served = ledger.length;
  const arrivals: Arrival[] = [];
  const waiting = new Map<string, Waiting>();
  const open: Record<string, Json> = {};
  // A cancelled scope would refuse the wait inside, and completions must arrive all the same.
  const shield = new CancellationScope({ cancellable: false });
  let position = 0;
  let isReentering = world.carried !== undefined;
  let isContinuing = false;
  let isDelivering = false;
  let underWay = 0;
  let clockMs = world.carried?.ledger[0]?.at ?? readWorkflowTimeMs();
  let breakOff: (error: Error) => void = () => undefined;
  const broken = new Promise<never>((_resolve, reject) => { breakOff = reject; });
  broken.catch(() => undefined);

  const deliverAll = async (): Promise<void> => {
    if (isDelivering) return;
    isDelivering = true;
    try {
      while (isReentering) {
        await drainMicrotasks();
        serveNext();
      }
      for (let next = arrivals.shift(); next; next = arrivals.shift()) {
        next.deliver();
        await drainMicrotasks();
      }
    } catch (error) {
      breakOff(toError(error));
    }
    isDelivering = false;
  };

  const serveNext = (): void => {
    const entry = position < served ? ledger.at(position) : undefined;
    if (!entry) {
      isReentering = false;
      const issued = [...waiting.values()];
      waiting.clear();
      for (const { operation, settle } of issued) if (operation) begin(operation, settle);
      return;
    }
    const heard = waiting.get(entry.id);
    if (!heard) throw new Error(`LEDGER_MISMATCH: the protocol took another way than the first time; it did not come to ${entry.id}.`);
    waiting.delete(entry.id);
    position += 1;
    clockMs = entry.at;
    heard.settle(entry);
  };

  const arrive = (deliver: (atMs: number) => void): void => {
    const atMs = readWorkflowTimeMs();
    arrivals.push({
      deliver: () => {
        clockMs = atMs;
        deliver(atMs);
      },
    });
    void shield.run(deliverAll);
  };
  const arriveWith = (operation: Operation<Json>, settle: Waiting['settle'], live: { value: Json } | { error: unknown }): void => {
    arrive((at) => {
      const entry = toEntry(operation, at, live);
      ledger.add(entry);
      settle(entry, live);
    });
  };

  /** Begins an operation now, or as soon as it may; or leaves it to the next execution. */
  const begin = (operation: Operation<Json>, settle: Waiting['settle']): void => {
    if (!operation.isShielded) {
      if (world.isCancelled()) {
        arriveWith(operation, settle, { error: new CancelledFailure(`The run was cancelled before ${operation.id}`) });
        return;
      }
      if (world.isPaused() && !isContinuing) {
        void shield.run(() => condition(() => !world.isPaused() || world.isCancelled() || isContinuing)).then(() => { begin(operation, settle); });
        return;
      }
    }
    if (isHistoryFull()) isContinuing = true;
    if (isContinuing) {
      keepOpen(operation);
      return;
    }
    try {
      if (!operation.isShielded) ledger.requireRoom();
    } catch (error) {
      arriveWith(operation, settle, { error });
      return;
    }
    execute(operation, settle);
  };

  const execute = (operation: Operation<Json>, settle: Waiting['settle']): void => {
    const run = (): Promise<Json> => operation.run(world.carried?.open[operation.id]);
    underWay += 1;
    const ended = operation.isShielded ? CancellationScope.nonCancellable(run) : world.operations.run(run);
    ended.then(
      (value) => {
        underWay -= 1;
        arriveWith(operation, settle, { value });
      },
      (error: unknown) => {
        underWay -= 1;
        if (error instanceof Rearm) open[operation.id] = error.carried;
        else arriveWith(operation, settle, { error });
      },
    );
  };

  /** An operation that was carried here and does not begin here either keeps what was left for it. */
  const keepOpen = (operation: Operation<Json>): void => {
    const carried = world.carried?.open[operation.id];
    if (carried !== undefined) open[operation.id] = carried;
  };

  const isHistoryFull = (): boolean => {
    const { historyLength, historySize } = workflowInfo();
    return historyLength > world.historyBudgetEvents || historySize > HISTORY_BUDGET_BYTES;
  };

  const toValue = (entry: LedgerEntry): Json => {
    if (entry.keptAs === undefined) return entry.ok ?? null;
    const value = world.results.get(entry.id);
    if (value === undefined) throw new Error(`LEDGER_MISMATCH: the result of ${entry.id} was not kept.`);
    return value;
  };

  const hear = (id: string): Promise<Concluded> =>
    new Promise((resolve) => {
      waiting.set(id, { operation: undefined, settle: (entry) => { resolve({ ok: toValue(entry), patch: entry.patch }); } });
    });

  return {
    ledger,
    get seq() {
      return isReentering ? position : ledger.nextSeq;
    },
    open,
    broken,
    now: () => clockMs,
    get isReentering() {
      return isReentering;
    },
    get isContinuing() {
      return isContinuing;
    },
    isReadyToContinue: () => isContinuing && !isReentering && underWay === 0 && arrivals.length === 0 && !isDelivering,
    start: () => { void shield.run(deliverAll); },
    step: <T extends Json>(operation: Operation<T>) => {
      const promise = new Promise<T>((resolve, reject) => {
        const settle: Waiting['settle'] = (entry, live) => {
          if (live) {
            if ('value' in live) resolve(live.value as T);
            else reject(toError(live.error));
          } else if (entry.isCancelled) reject(new CancelledFailure(`${entry.id} was cancelled`));
          else if (entry.error) reject(toLabError(entry.error));
          else resolve(toValue(entry) as T);
        };
        if (isReentering) waiting.set(operation.id, { operation, settle });
        else begin(operation, settle);
      });
      // An author may look at the result late or never; that must not fail the workflow task.
      promise.catch(() => undefined);
      return promise;
    },
    willHear: (id) => isReentering && ledger.has(id),
    hear,
    conclude: ({ id, ok, patch, keptAs, prefixes, sinceSeq }) =>
      new Promise((resolve) => {
        arrive((at) => {
          const isLarge = keptAs !== undefined && isTooLarge(ok);
          ledger.add({ id, at, ...(isLarge ? { keptAs } : { ok }), ...(patch === undefined ? {} : { patch }) }, { prefixes, sinceSeq });
          resolve({ ok, patch });
        });
      }),
  };
}

function toEntry(operation: Operation<Json>, at: number, live: { value: Json } | { error: unknown }): LedgerEntry {
  const { id, keptAs } = operation;
  if ('value' in live) {
    const place = isTooLarge(live.value) ? keptAs?.() : undefined;
    return place ? { id, at, keptAs: place } : { id, at, ok: live.value };
  }
  if (isCancellation(live.error)) return { id, at, isCancelled: true };
  return { id, at, error: toErrorRecord(live.error) };
}

function isTooLarge(value: Json): boolean {
  return value !== null && typeof value === 'object' && JSON.stringify(value).length > CARRIED_RESULT_LIMIT_BYTES;
}
