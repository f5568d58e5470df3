// The gate: every tracked operation of a workflow passes `step`, and every completion comes back through one delivery
// loop. The loop hands over one completion at a time and lets author code react to it fully before the next, so that
// parallel branches interleave the same way live, under replay, and when the author's function is run again from the
// top after the workflow continued as new: then completions come from the ledger instead of the world.

import { CancelledFailure, isCancellation } from '@temporalio/workflow';
import { isLargerThan } from '../domain/byte-size.js';
import { LabError } from '../domain/error.js';
import type { Json } from '../domain/json.js';
import { createDelivery } from './delivery.js';
import { toThrown } from '../domain/thrown.js';
import { toErrorRecord, toLabError } from './failures.js';
import { CARRIED_RESULT_LIMIT_BYTES, createLedger, type KeptAs, type Ledger, type LedgerEntry } from './ledger.js';
import type { Operation, Settle } from './operation.js';
import { renewSteps } from './steps.js';
import { createStarter, type StarterWorld } from './starter.js';
import type { StatePatch } from './state-view.js';
import { readWorkflowTimeMs } from './workflow-clock.js';

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
  /** The clock when author code was first entered; undefined where that is not known any more. */
  readonly startedAtMs: number | undefined;
  /** Author code is being led back to where it was. */
  readonly isReentering: boolean;
  /** The history is full and no operation begins any more: what waits and can't be left where it stands gives up by Rearm. */
  readonly isContinuing: boolean;
  /** The history is full, and nothing is under way that can't be left to the next execution. */
  isReadyToContinue(): boolean;
  readonly ledger: Ledger;
  /** Sequence number that the next completion gets, or had. */
  readonly seq: number;
  /** What the next execution begins with, by id; asked for in the moment in which this one ends. */
  leave(): Readonly<Record<string, Json>>;
  /** Author code is about to be entered: its clock begins. */
  enter(): void;
  /** Begins to serve from the ledger; called once the author's function has been entered. */
  start(): void;
  /** Rejects when author code took another way than the ledger says. */
  readonly broken: Promise<never>;
}

export interface GateWorld extends Omit<StarterWorld, 'open'> {
  readonly carried: { readonly ledger: readonly LedgerEntry[]; readonly open: Readonly<Record<string, Json>>; readonly startedAtMs?: number } | undefined;
  /** Results that were too large to carry, read again: by ledger id. */
  readonly results: ReadonlyMap<string, Json>;
}

interface Waiting {
  readonly operation: Operation<Json> | undefined;
  readonly settle: Settle;
}
export function createGate(world: GateWorld): Gate {
  const ledger = createLedger(world.carried?.ledger ?? []);
  const served = ledger.length;
  const waiting = new Map<string, Waiting>();
  let position = 0;
  /** Asked for and not yet delivered, in this execution. */
  let outstanding = 0;
  let startedAtMs = world.carried?.startedAtMs;
  // A run that waited for its assets all the time has not entered author code yet.
  let isReentering = served > 0 || startedAtMs !== undefined;
  let clockMs = startedAtMs ?? world.carried?.ledger[0]?.at ?? readWorkflowTimeMs();

  const serveNext = (): void => {
    const entry = position < served ? ledger.at(position) : undefined;
    if (!entry) {
      isReentering = false;
      const issued = [...waiting.values()];
      waiting.clear();
      beginAll(issued);
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
    renewSteps();
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
      renewSteps();
      outstanding -= 1;
      deliver(atMs);
    });
  };
  const starter = createStarter({ ...world, open: world.carried?.open ?? {} }, ledger, (operation, settle, live) => {
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
  const beginAll = (issued: readonly Waiting[]): void => {
    const operations = issued.flatMap(({ operation, settle }) => (operation ? [{ operation, settle }] : []));
    outstanding += operations.length;
    starter.beginAll(operations);
  };
  const readValue = (entry: LedgerEntry): Json => {
    if (entry.keptAs === undefined) return entry.ok ?? null;
    const value = world.results.get(entry.id);
    if (value === undefined) throw new LabError('LEDGER_MISMATCH', { message: `The result of ${entry.id} was not kept.` });
    return value;
  };

  return {
    ledger,
    leave: () => starter.leave(),
    broken: delivery.broken,
    get seq() {
      return isReentering ? position : ledger.nextSeq;
    },
    now: () => clockMs,
    get startedAtMs() {
      return startedAtMs;
    },
    enter: () => {
      // A run that continues another is led through that one's past, and whoever is led through a past has its clock.
      if (world.carried?.ledger.length) return;
      clockMs = startedAtMs ??= readWorkflowTimeMs();
    },
    get isReentering() {
      return isReentering;
    },
    get isContinuing() {
      return !isReentering && starter.isContinuing();
    },
    isReadyToContinue: () => !isReentering && starter.isContinuing() && starter.mayLeave() && delivery.isIdle(),
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

function toSettle({ resolve, reject }: { resolve: (value: Json) => void; reject: (error: Error) => void }, readValue: (entry: LedgerEntry) => Json): Settle {
  return (entry, live) => {
    if (live && 'value' in live) resolve(live.value);
    else if (live) reject(toThrown(live.error));
    else if (entry.isCancelled) reject(new CancelledFailure(`${entry.id} was cancelled`));
    else if (entry.error) reject(toLabError(entry.error));
    else resolve(readValue(entry));
  };
}

export function toEntry(operation: Operation<Json>, at: number, live: { value: Json } | { error: unknown }): LedgerEntry {
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
  return isLargerThan(value, CARRIED_RESULT_LIMIT_BYTES);
}
