// The gate of a rehearsal: every operation begins at once and is remembered in a ledger as in a run, so that a ledger that
// would become too full is noticed. Nothing is ever paused, cancelled or continued.

import { LabError } from '../../domain/errors/error.js';
import type { Json } from '../../domain/json/json.js';
import { toEntry, type Gate } from '../replay/gate.js';
import type { AuthorPromises } from '../replay/author-promises.js';
import { toFingerprint } from '../replay/fingerprint.js';
import { createLedger, LedgerFull } from '../replay/ledger.js';
import { STAYING, type Operation } from '../replay/operation.js';
import { toLeftOverCheck } from '../replay/scope.js';
import { renewSteps } from '../replay/steps.js';
import type { VirtualClock } from './virtual-clock.js';

/** The most that any workflow of the run has to remember. */
export interface LedgerPeak {
  entries: number;
  bytes: number;
}

export interface VirtualGateWorld {
  readonly clock: VirtualClock;
  readonly peak: LedgerPeak;
  /** Resolves when everything that can go on now has gone on. */
  readonly settle: () => Promise<void>;
  readonly promises: AuthorPromises;
  readonly noteFailure: (error: unknown, stack: string) => void;
}

/** Of the code that is asking now: what an answer that comes later fails with knows nothing of it. */
export function readStack(): string {
  return new Error('here').stack ?? '';
}

/** `noteFailure` hears of every operation that fails, and of the code that asked for it. */
export function createVirtualGate({ clock, peak, noteFailure, settle, promises }: VirtualGateWorld): Gate {
  const ledger = createLedger([]);
  const note = (): void => {
    peak.entries = Math.max(peak.entries, ledger.length);
    peak.bytes = Math.max(peak.bytes, ledger.bytes);
  };
  let isFull = false;
  let resting: Promise<void> | undefined;
  /** Author code is at rest, and what it forgot has been found. The clock stands still until then. */
  const rest = (): Promise<void> => {
    resting ??= clock.hold(settle).then(() => {
      resting = undefined;
      promises.judge();
    });
    return resting;
  };
  const begin = async (operation: Operation<Json>, stack: string): Promise<Json> => {
    const isLeftOver = toLeftOverCheck(operation.isShielded);
    await rest();
    if (isLeftOver()) throw new LabError('CALL_ABANDONED');
    return run(operation, stack);
  };
  const run = async (operation: Operation<Json>, stack: string): Promise<Json> => {
    try {
      if (!operation.isShielded) ledger.requireRoom(isFull);
      const value = await operation.run(undefined, STAYING);
      ledger.add(toEntry(operation, clock.nowMs, { value }));
      return value;
    } catch (error) {
      if (error instanceof LedgerFull) isFull = true;
      noteFailure(error, stack);
      ledger.add(toEntry(operation, clock.nowMs, { error }));
      throw error;
    } finally {
      renewSteps();
      note();
    }
  };
  return {
    ledger,
    startedAtMs: undefined,
    leave: () => ({}),
    enter: () => undefined,
    broken: new Promise(() => undefined),
    get seq() {
      return ledger.nextSeq;
    },
    now: () => clock.nowMs,
    isReentering: false,
    isContinuing: false,
    isReadyToContinue: () => false,
    start: () => undefined,
    step: (operation) => {
      const promise = begin(operation, readStack()) as Promise<never>;
      // An author may look at the result late or never.
      promise.catch(() => undefined);
      return promise;
    },
    willHear: () => false,
    hear: () => new Promise(() => undefined),
    get ending() {
      return isFull ? ('full' as const) : undefined;
    },
    refused: 0,
    conclude: ({ id, what, ok, patch, keptAs, prefixes, sinceSeq }) => {
      const { ok: small, keptAs: place } = toEntry(
        { id, what, isShielded: false, run: () => Promise.resolve(ok), keptAs: () => keptAs },
        clock.nowMs,
        { value: ok },
      );
      const value = place === undefined ? { ok: small ?? null } : { keptAs: place };
      ledger.add({ id, at: clock.nowMs, is: toFingerprint(what), ...value, ...(patch && { patch }) }, { prefixes, sinceSeq });
      note();
      renewSteps();
      return Promise.resolve({ ok, patch });
    },
  };
}
