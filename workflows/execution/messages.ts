// Every message a run workflow understands, as typed tokens. Names and payloads are in domain/runs/control.ts.

import { ApplicationFailure, defineQuery, defineSignal, defineUpdate } from '@temporalio/workflow';
import type { CallEntry } from '../../domain/runs/call.js';
import type { ErrorRecord } from '../../domain/errors/error.js';
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
  type HoldersLost,
  type LostChild,
} from '../../domain/runs/control.js';
import { ASSETS_FREED_SIGNAL } from '../../domain/values/ids.js';
import type { GivenAnswer } from '../../domain/inbox/inbox.js';
import type { Json } from '../../domain/json/json.js';
import type { StatePatch } from '../replay/state-view.js';

/** How Temporal names a signal that reaches no open workflow. */
const NOBODY_THERE = 'ExternalWorkflowExecutionNotFound';

/** By hand, from the API, the stock command line or the Web UI: who and why are welcome and not needed. */
export const pauseSignal = defineSignal<[Asked?]>(PAUSE_SIGNAL);
export const resumeSignal = defineSignal<[Asked?]>(RESUME_SIGNAL);
export const cancelSignal = defineSignal<[Asked?]>(CANCEL_SIGNAL);
export const controlSignal = defineSignal<[ControlState]>(CONTROL_SIGNAL);
export const holdSignal = defineSignal<[HoldChange | HoldersLost]>(HOLD_SIGNAL);
export const childEndedSignal = defineSignal<[ChildEnd | LostChild]>(CHILD_ENDED_SIGNAL);
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

/** What a child tells its parent before it closes. */
export interface ChildEnd {
  readonly workflowId: string;
  readonly ended: { readonly result: Json } | { readonly error: ErrorRecord } | { readonly isCancelled: true };
  readonly patch: StatePatch | null;
  /** Entries of the child's call log that no command took along. */
  readonly entries: readonly CallEntry[];
  readonly cleanupFailures: readonly string[];
}

/** Nobody of the name is there: no workflow of it ever was, or the last one has closed. */
export function isNobodyThere(error: unknown): boolean {
  if (error instanceof ApplicationFailure && error.type === NOBODY_THERE) return true;
  return error instanceof Error && error.constructor.name === NOBODY_THERE;
}
