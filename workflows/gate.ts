// The gate: every tracked operation of a workflow passes `step`, and every completion comes back through one delivery
// loop. The loop hands over one completion at a time and lets author code react to it fully before the next, so that
// parallel branches interleave the same way live, under replay, and when the author's function is run again from the
// top after the workflow continued as new: then completions come from the ledger instead of the world.

import { CancellationScope, CancelledFailure, condition, isCancellation, workflowInfo } from '@temporalio/workflow';
import { LabError } from '../domain/error.js';
import type { Json } from '../domain/json.js';
import { createDelivery } from './delivery.js';
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
  /** Nothing went on beside it when author code asked for it. */
  readonly isLone: boolean;
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
  readonly isLone: boolean;
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
  hear(id: string, isLone: boolean): Promise<Concluded>;
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
  readonly settle: Settle;
}
type Live = { readonly value: Json } | { readonly error: unknown };
/** Tells whoever waits; `live` where the completion comes from the world and not from the ledger. */
type Settle = (entry: LedgerEntry, live?: Live) => void;

export function createGate(world: GateWorld): Gate {
  const ledger = createLedger(world.carried?.ledger ?? []);
  const served = ledger.length;
  const waiting = new Map<string, Waiting>();
  let position = 0;
  /** Asked for and not yet delivered, in this execution. */
  let outstanding = 0;
  let isReentering = world.carried !== undefined;
  let clockMs = world.carried?.ledger[0]?.at ?? readWorkflowTimeMs();

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
    if (!heard) throw new LabError('LEDGER_MISMATCH', { message: `The protocol took another way than the first time: it did not come to ${entry.id}.` });
    waiting.delete(entry.id);
    serve(entry, heard.settle);
  };
  const serve = (entry: LedgerEntry, settle: Settle): void => {
    position += 1;
    clockMs = entry.at;
    settle(entry);
  };
  /** Waits for its turn in the ledger; where nothing goes on beside it, its turn is now. */
  const expect = (id: string, isLone: boolean, heard: Waiting): void => {
    const next = isLone && waiting.size === 0 && position < served ? ledger.at(position) : undefined;
    if (next?.isLone && next.id === id) serve(next, heard.settle);
    else waiting.set(id, heard);
  };
  const delivery = createDelivery({ isServing: () => isReentering, serveNext });
  const arrive = (deliver: (atMs: number) => void): void => {
    delivery.arrive((atMs) => {
      clockMs = atMs;
      outstanding -= 1;
      deliver(atMs);
    });
  };
  const starter = createStarter(world, ledger, (operation, settle, live) => {
    arrive((at) => {
      const entry = { ...toEntry(operation, at, live), ...toLone(operation.isLone && outstanding === 0) };
      ledger.add(entry);
      settle(entry, live);
    });
  });
  const begin = (operation: Operation<Json>, settle: Settle): void => {
    outstanding += 1;
    starter.begin(operation, settle);
  };
  const readValue = (entry: LedgerEntry): Json => {
    if (entry.keptAs === undefined) return entry.ok ?? null;
    const value = world.results.get(entry.id);
    if (value === undefined) throw new LabError('LEDGER_MISMATCH', { message: `The result of ${entry.id} was not kept.` });
    return value;
  };

  return {
    ledger,
    open: starter.open,
    broken: delivery.broken,
    get seq() {
      return isReentering ? position : ledger.nextSeq;
    },
    now: () => clockMs,
    get isReentering() {
      return isReentering;
    },
    get isContinuing() {
      return starter.isContinuing();
    },
    isReadyToContinue: () => starter.isContinuing() && !isReentering && starter.isIdle() && delivery.isIdle(),
    start: () => { delivery.start(); },
    step: <T extends Json>(operation: Operation<T>) => {
      const promise = new Promise<T>((resolve, reject) => {
        const settle = toSettle({ resolve: (value) => { resolve(value as T); }, reject }, readValue);
        if (isReentering) expect(operation.id, operation.isLone, { operation, settle });
        else begin(operation, settle);
      });
      // An author may look at the result late or never; that must not fail the workflow task.
      promise.catch(() => undefined);
      return promise;
    },
    willHear: (id) => isReentering && ledger.has(id),
    hear: (id, isLone) =>
      new Promise((resolve) => {
        expect(id, isLone, { operation: undefined, settle: (entry) => { resolve({ ok: readValue(entry), patch: entry.patch }); } });
      }),
    conclude: ({ id, ok, patch, keptAs, prefixes, sinceSeq, isLone }) =>
      new Promise((resolve) => {
        outstanding += 1;
        arrive((at) => {
          const value = keptAs !== undefined && isTooLarge(ok) ? { keptAs } : { ok };
          const lone = toLone(isLone && outstanding === 0);
          ledger.add({ id, at, ...value, ...(patch === undefined ? {} : { patch }), ...lone }, { prefixes, sinceSeq });
          resolve({ ok, patch });
        });
      }),
  };
}

interface Starter {
  /** Begins an operation now, or as soon as it may; or leaves it to the next execution. */
  begin(operation: Operation<Json>, settle: Settle): void;
  isContinuing(): boolean;
  isIdle(): boolean;
  readonly open: Readonly<Record<string, Json>>;
}

/** What lets operations begin: not while the run is held, not once it is cancelled, not when the history is full. */
function createStarter(world: GateWorld, ledger: Ledger, end: (operation: Operation<Json>, settle: Settle, live: Live) => void): Starter {
  const open: Record<string, Json> = {};
  let isContinuing = false;
  let underWay = 0;

  const begin: Starter['begin'] = (operation, settle) => {
    const { isShielded } = operation;
    if (!isShielded && world.isCancelled()) {
      end(operation, settle, { error: new CancelledFailure(`The run was cancelled before ${operation.id}`) });
      return;
    }
    if (!isShielded && world.isPaused() && !isContinuing) {
      const mayGoOn = (): boolean => !world.isPaused() || world.isCancelled() || isContinuing;
      void CancellationScope.nonCancellable(() => condition(mayGoOn)).then(() => { begin(operation, settle); });
      return;
    }
    isContinuing ||= isHistoryFull(world.historyBudgetEvents);
    if (isContinuing) {
      // What an earlier execution left for it, it has in the next one too.
      const carried = world.carried?.open[operation.id];
      if (carried !== undefined) open[operation.id] = carried;
      return;
    }
    try {
      if (!isShielded) ledger.requireRoom();
    } catch (error) {
      end(operation, settle, { error });
      return;
    }
    execute(operation, settle);
  };

  const execute = (operation: Operation<Json>, settle: Settle): void => {
    const run = (): Promise<Json> => operation.run(world.carried?.open[operation.id]);
    underWay += 1;
    const ended = operation.isShielded ? CancellationScope.nonCancellable(run) : world.operations.run(run);
    ended.then(
      (value) => {
        underWay -= 1;
        end(operation, settle, { value });
      },
      (error: unknown) => {
        underWay -= 1;
        if (error instanceof Rearm) open[operation.id] = error.carried;
        else end(operation, settle, { error });
      },
    );
  };

  return { begin, open, isContinuing: () => isContinuing, isIdle: () => underWay === 0 };
}

function isHistoryFull(budgetEvents: number): boolean {
  const { historyLength, historySize } = workflowInfo();
  return historyLength > budgetEvents || historySize > HISTORY_BUDGET_BYTES;
}

function toSettle({ resolve, reject }: { resolve: (value: Json) => void; reject: (error: Error) => void }, readValue: (entry: LedgerEntry) => Json): Settle {
  return (entry, live) => {
    if (live && 'value' in live) resolve(live.value);
    else if (live) reject(toError(live.error));
    else if (entry.isCancelled) reject(new CancelledFailure(`${entry.id} was cancelled`));
    else if (entry.error) reject(toLabError(entry.error));
    else resolve(readValue(entry));
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

function toLone(isLone: boolean): { isLone?: true } {
  return isLone ? { isLone: true } : {};
}

function isTooLarge(value: Json): boolean {
  return value !== null && typeof value === 'object' && JSON.stringify(value).length > CARRIED_RESULT_LIMIT_BYTES;
}
