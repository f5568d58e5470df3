// Every message a run workflow understands, as typed tokens. Names and payloads are in domain/control.ts.

import { defineQuery, defineSignal, defineUpdate } from '@temporalio/workflow';
import type { CallEntry } from '../domain/call.js';
import {
  ANSWER_UPDATE,
  CANCEL_SIGNAL,
  CHILD_ENDED_SIGNAL,
  CONTROL_SIGNAL,
  HOLD_SIGNAL,
  LEDGER_QUERY,
  PAUSE_SIGNAL,
  RESUME_SIGNAL,
  type Asked,
  type ControlState,
  type HoldChange,
} from '../domain/control.js';
import { ASSETS_FREED_SIGNAL } from '../domain/ids.js';
import type { GivenAnswer } from '../domain/inbox.js';
import type { Json } from '../domain/json.js';
import type { StatePatch } from './state-view.js';

/** By hand, from the API, the stock command line or the Web UI: who and why are welcome and not needed. */
export const pauseSignal = defineSignal<[Asked?]>(PAUSE_SIGNAL);
export const resumeSignal = defineSignal<[Asked?]>(RESUME_SIGNAL);
export const cancelSignal = defineSignal<[Asked?]>(CANCEL_SIGNAL);
export const controlSignal = defineSignal<[ControlState]>(CONTROL_SIGNAL);
export const holdSignal = defineSignal<[HoldChange]>(HOLD_SIGNAL);
export const childEndedSignal = defineSignal<[ChildEnd]>(CHILD_ENDED_SIGNAL);
export const answerUpdate = defineUpdate<null, [GivenAnswer]>(ANSWER_UPDATE);
export const ledgerQuery = defineQuery<LedgerCut, [string]>(LEDGER_QUERY);
/** A hint that a waiting run may try its claim again; losing it costs at most one poll interval. */
export const assetsFreed = defineSignal(ASSETS_FREED_SIGNAL);

/** The ledger up to where a call began; null where the path names no call to go on from. */
export interface LedgerCut {
  readonly ledger: Json;
  /** Calls that can be gone on from. */
  readonly choices: readonly string[];
}

/** What a child leaves to its parent beside its result. */
export interface ChildEnd {
  readonly callPath: string;
  readonly patch: StatePatch | null;
  /** Entries of the child's call log that no command took along. */
  readonly entries: readonly CallEntry[];
  readonly cleanupFailures: readonly string[];
}
