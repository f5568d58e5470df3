// The gate of a rehearsal: every operation begins at once and is remembered in a ledger as in a run, so that a ledger that
// would become too full is noticed. Nothing is ever paused, cancelled or continued.

import type { Json } from '../../domain/json.js';
import { toEntry, type Gate } from '../gate.js';
import { createLedger } from '../ledger.js';
import { STAYING, type Operation } from '../operation.js';
import { renewSteps } from '../steps.js';
import type { VirtualClock } from './virtual-clock.js';

/** The most that any workflow of the run has to remember. */
export interface LedgerPeak {
  entries: number;
  bytes: number;
}

export interface VirtualGateWorld {
  readonly clock: VirtualClock;
  readonly peak: LedgerPeak;
  readonly noteFailure: (error: unknown, stack: string) => void;
}

/** Of the code that is asking now: what an answer that comes later fails with knows nothing of it. */
export function readStack(): string {
  return new Error('here').stack ?? '';
}

/** `noteFailure` hears of every operation that fails, and of the code that asked for it. */
export function createVirtualGate({ clock, peak, noteFailure }: VirtualGateWorld): Gate {
  const ledger = createLedger([]);
  const note = (): void => {
    peak.entries = Math.max(peak.entries, ledger.length);
    peak.bytes = Math.max(peak.bytes, ledger.bytes);
  };
  const run = async (operation: Operation<Json>, stack: string): Promise<Json> => {
    try {
      if (!operation.isShielded) ledger.requireRoom();
      const value = await operation.run(undefined, STAYING);
      ledger.add(toEntry(operation, clock.nowMs, { value }));
      return value;
    } catch (error) {
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
      const promise = run(operation, readStack()) as Promise<never>;
      // An author may look at the result late or never.
      promise.catch(() => undefined);
      return promise;
    },
    willHear: () => false,
    hear: () => new Promise(() => undefined),
    conclude: ({ id, ok, patch, keptAs, prefixes, sinceSeq }) => {
      const { ok: small, keptAs: place } = toEntry({ id, isLone: false, isShielded: false, run: () => Promise.resolve(ok), keptAs: () => keptAs }, clock.nowMs, { value: ok });
      const value = place === undefined ? { ok: small ?? null } : { keptAs: place };
      ledger.add({ id, at: clock.nowMs, ...value, ...(patch && { patch }) }, { prefixes, sinceSeq });
      note();
      renewSteps();
      return Promise.resolve({ ok, patch });
    },
  };
}
