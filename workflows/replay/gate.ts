// The gate: every tracked operation of a workflow passes `step`, and every completion comes back through one delivery
// loop. The loop hands over one completion at a time and lets author code react to it fully before the next, so that
// parallel branches interleave the same way live, under replay, and when the author's function is run again from the
// top after the workflow continued as new: then completions come from the ledger instead of the world.

import { CancelledFailure, isCancellation } from '@temporalio/workflow';
import { isLargerThan } from '../../domain/values/byte-size.js';
import { LabError } from '../../domain/errors/error.js';
import type { Json } from '../../domain/json/json.js';
import { toThrown } from '../../domain/values/thrown.js';
import { createDelivery } from './delivery.js';
import { toErrorRecord, toLabError } from './translate-errors.js';
import { toFingerprint } from './fingerprint.js';
import { CARRIED_RESULT_LIMIT_BYTES, LedgerFull, createLedger, type Ending, type KeptAs, type Ledger, type LedgerEntry } from './ledger.js';
import type { Operation, Settle } from './operation.js';
import { toLeftOverCheck } from './scope.js';
import { createStarter, type Issued, type StarterWorld } from './begin-operation.js';
import type { StatePatch } from './state-view.js';
import { renewSteps } from './steps.js';
import { toMismatch } from './tell-mismatch.js';
import { readWorkflowTimeMs } from './workflow-clock.js';

/** What a finished part of the run stands for in the ledger. */
export interface Conclusion {
  readonly id: string;
  readonly what: Json;
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
  hear(id: string, what: Json): Promise<Concluded>;
  /** Workflow time of the last completion that author code has seen: the author's clock. */
  now(): number;
  /** The clock when author code was first entered; undefined where it was not yet, in this execution or an earlier one. */
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
  /** Looks at what author code wants, and serves it from the ledger; called once the author's function has been entered. */
  start(): void;
  /** Why nothing of author code begins any more, as far as author code can know. */
  readonly ending: Ending | undefined;
  /** How many operations have come back since then. */
  readonly refused: number;
  /** Rejects when author code took another way than the ledger says. */
  readonly broken: Promise<never>;
}

export interface GateWorld extends Omit<StarterWorld, 'open' | 'isFull'> {
  /** Author code is at rest: whatever it forgot is found before anything that it asked for begins. */
  readonly judge: () => void;
  readonly carried:
    | { readonly ledger: readonly LedgerEntry[]; readonly open: Readonly<Record<string, Json>>; readonly startedAtMs?: number }
    | undefined;
  readonly ledgerLimitBytes: number;
  /** Author code is where it is until something happens. */
  readonly rest: () => void;
  /** Results that were too large to carry, read again: by ledger id. */
  readonly results: ReadonlyMap<string, Json>;
}

interface Waiting {
  readonly id: string;
  readonly what: Json;
  /** What has to be executed, where it is not only heard of. */
  readonly operation: Operation<Json> | undefined;
  /** The code that asked for it acts no more. */
  readonly isLeftOver: () => boolean;
  readonly settle: Settle;
}

export function createGate(world: GateWorld): Gate {
  const ledger = createLedger(world.carried?.ledger ?? [], world.ledgerLimitBytes);
  const served = ledger.length;
  /** Asked for since author code was last seen at rest; in order. */
  let asked: Waiting[] = [];
  const waiting = new Map<string, Waiting>();
  let position = 0;
  let startedAtMs = world.carried?.startedAtMs;
  // A run that waited for its assets all the time has not entered author code yet.
  let isReentering = served > 0 || startedAtMs !== undefined;
  let ending: Ending | undefined;
  let refused = 0;
  let clockMs = startedAtMs ?? world.carried?.ledger[0]?.at ?? readWorkflowTimeMs();

  /** Author code is at rest: what it wants of its past is waited for, what is new begins. */
  const take = (): void => {
    world.judge();
    const taken = asked;
    asked = [];
    for (const each of taken) {
      if (each.isLeftOver()) each.settle({ id: each.id, at: clockMs }, { error: new LabError('CALL_ABANDONED') });
      else if (isReentering) waiting.set(each.id, each);
      else if (isToExecute(each)) starter.begin(each);
    }
  };
  const serveNext = (): void => {
    const entry = position < served ? ledger.at(position) : undefined;
    if (!entry) {
      isReentering = false;
      const issued = [...waiting.values()];
      waiting.clear();
      starter.beginAll(issued.filter(isToExecute));
      return;
    }
    const heard = waiting.get(entry.id);
    if (!heard || isOther(entry, heard)) throw toMismatch(entry, { position, served, waiting: [...waiting.values()] });
    waiting.delete(entry.id);
    position += 1;
    noteEntry(entry);
    heard.settle(entry);
  };
  /** What author code may know once it has heard of the entry. */
  const noteEntry = (entry: LedgerEntry): void => {
    clockMs = entry.at;
    renewSteps();
    ending ??= entry.ends;
    if (entry.ends !== undefined && (entry.isCancelled === true || entry.error !== undefined)) refused += 1;
  };
  const delivery = createDelivery({ take, isServing: () => isReentering, serveNext, rest: world.rest });
  const keep = (entry: LedgerEntry, replaces?: Parameters<typeof ledger.add>[1]): LedgerEntry => {
    const ends = ending ?? (world.isCancelled() ? 'cancelled' : entry.ends);
    const kept = ends === undefined ? entry : { ...entry, ends };
    ledger.add(kept, replaces);
    noteEntry(kept);
    return kept;
  };
  const starter = createStarter(
    { ...world, open: world.carried?.open ?? {}, isFull: () => ending === 'full' },
    ledger,
    (operation, settle, live) => delivery.arrive((at) => settle(keep(toEntry(operation, at, live)), live)),
  );
  const readValue = (entry: LedgerEntry): Json => readKept(entry, world.results);
  const ask = (wanted: Waiting): void => {
    asked.push(wanted);
    delivery.wake();
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
      clockMs = startedAtMs ??= world.carried?.ledger.length ? clockMs : readWorkflowTimeMs();
    },
    get isReentering() {
      return isReentering;
    },
    get isContinuing() {
      return !isReentering && starter.isContinuing();
    },
    isReadyToContinue: () =>
      !(isReentering && startedAtMs !== undefined) && starter.isContinuing() && starter.mayLeave() && delivery.isIdle(),
    start: () => delivery.wake(),
    get ending() {
      return ending;
    },
    get refused() {
      return refused;
    },
    step: <T extends Json>(operation: Operation<T>) => {
      const promise = new Promise<T>((resolve, reject) => {
        const settle = toSettle({ operation, resolve: resolve as (value: Json) => void, reject }, readValue);
        ask({ id: operation.id, what: operation.what, operation, isLeftOver: toLeftOverCheck(operation.isShielded), settle });
      });
      // An author may look at the result late or never; that must not fail the workflow task.
      promise.catch(() => undefined);
      return promise;
    },
    willHear: (id) => isReentering && ledger.has(id),
    hear: (id, what) =>
      new Promise((resolve) => {
        const settle: Settle = (entry) => resolve({ ok: readValue(entry), patch: entry.patch });
        ask({ id, what, operation: undefined, isLeftOver: () => false, settle });
      }),
    conclude: ({ id, what, ok, patch, keptAs, prefixes, sinceSeq }) =>
      new Promise((resolve) => {
        delivery.arrive((at) => {
          const value = keptAs !== undefined && isTooLarge(ok) ? { keptAs } : { ok };
          keep({ id, at, is: toFingerprint(what), ...value, ...(patch === undefined ? {} : { patch }) }, { prefixes, sinceSeq });
          resolve({ ok, patch });
        });
      }),
  };
}

function readKept(entry: LedgerEntry, results: GateWorld['results']): Json {
  if (entry.keptAs === undefined) return entry.ok ?? null;
  const value = results.get(entry.id);
  if (value === undefined) throw new LabError('LEDGER_MISMATCH', { message: `The result of ${entry.id} was not kept.` });
  return value;
}

function isOther(entry: LedgerEntry, heard: Waiting): boolean {
  return entry.is !== undefined && entry.is !== toFingerprint(heard.what);
}

function isToExecute(asked: Waiting): asked is Waiting & Issued {
  return asked.operation !== undefined;
}

interface Author {
  readonly operation: Operation<Json>;
  readonly resolve: (value: Json) => void;
  readonly reject: (error: Error) => void;
}

function toSettle({ operation, resolve, reject }: Author, readValue: (entry: LedgerEntry) => Json): Settle {
  return (entry, live) => {
    if (!live && entry.retry !== undefined) operation.recallRetry?.(entry.retry);
    if (live && 'value' in live) resolve(live.value);
    else if (live) reject(toThrown(live.error));
    else if (entry.isCancelled) reject(new CancelledFailure(`${entry.id} was cancelled`));
    else if (entry.error) reject(toLabError(entry.error));
    else resolve(readValue(entry));
  };
}

export function toEntry(operation: Operation<Json>, at: number, live: { value: Json } | { error: unknown }): LedgerEntry {
  const { id, what, keptAs } = operation;
  const entry = { id, at, is: toFingerprint(what) };
  if ('value' in live) {
    const place = isTooLarge(live.value) ? keptAs?.() : undefined;
    const retry = operation.retry?.() ?? 0;
    return { ...entry, ...(place ? { keptAs: place } : { ok: live.value }), ...(retry > 0 && { retry }) };
  }
  if (isCancellation(live.error)) return { ...entry, isCancelled: true };
  return { ...entry, error: toErrorRecord(live.error), ...(live.error instanceof LedgerFull && { ends: 'full' }) };
}

function isTooLarge(value: Json): boolean {
  return isLargerThan(value, CARRIED_RESULT_LIMIT_BYTES);
}
