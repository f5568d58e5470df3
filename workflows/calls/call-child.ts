// A nested call as a workflow of its own: visible in Temporal's tree, with a history of its own. It outlives a continuation
// of its parent, which goes on waiting for it by its id; it is ended only by control, because Temporal's cancel does not
// reach a child that has continued as new.

import { CancellationScope, CancelledFailure, ChildWorkflowFailure, condition, startChild, workflowInfo } from '@temporalio/workflow';
import type { CallEntry, CallLog } from '../../domain/runs/call.js';
import { LabError, type ErrorRecord } from '../../domain/errors/error.js';
import { isJsonObject, type Json } from '../../domain/json/json.js';
import type { RecoveryPolicy } from '../../domain/protocols/recovery.js';
import { shortenText } from '../../domain/text/short-text.js';
import { toSummaryOfEnd } from '../../domain/values/summary.js';
import type { CallRequest } from '../../protocols/sdk/runtime.js';
import { listHandedOver } from '../execution/call-log.js';
import type { Engine, WorkflowInput } from '../execution/engine.js';
import { throwAsLabError, toErrorRecord } from '../replay/translate-errors.js';
import type { ChildEnd } from '../execution/messages.js';
import type { ToldEnd } from '../execution/open-children.js';
import type { UnderWay } from '../replay/operation.js';
import type { StatePatch } from '../replay/state-view.js';
import type { ToldControl } from '../execution/told-children.js';

/** Temporal takes 1,000 characters; the rest of a long path is replaced by a hash of all of it. */
const WORKFLOW_ID_LIMIT_CHARACTERS = 200;
const WORKFLOW_TASK_TIMEOUT_MS = 5_000;
/** So long a parent waits, once a child was ended from outside, for the word that all below it is gone too. */
export const OUTSIDE_WORD_LIMIT_MS = 5_000;

/** `<run>/<call path>`: who reads the id knows the call. */
export function toChildWorkflowId(runId: string, callPath: string): string {
  return shortenText(`${runId}/${callPath}`, WORKFLOW_ID_LIMIT_CHARACTERS);
}

export interface ChildCall {
  readonly request: CallRequest;
  readonly callPath: string;
  readonly state: WorkflowInput['parameters'];
  readonly isInSection: boolean;
  /** Of the caller. */
  readonly recovery: RecoveryPolicy;
  /** Nobody wants it any more: what is not started by then never is. */
  readonly isLeftOver: () => boolean;
}

/** How a child ended, as the ledger keeps it: what it changed in the run state counts however it ended. */
export type ChildOutcome = ({ readonly result: Json } | { readonly error: ErrorRecord } | { readonly isCancelled: true }) & {
  readonly patch: StatePatch | null;
};

interface ChildWait {
  /** What an earlier execution left of it: it is started. */
  readonly carried: Json | undefined;
  readonly underWay: UnderWay;
  /** Is given what the child leaves. */
  readonly takeOver: (end: ChildEnd) => void;
}

/**
 * Starts the child, or goes on waiting for one that an earlier execution has started, until its end is known; the waiting may be
 * left to the next execution, the start may not. Rejects where the child cannot be started.
 */
export async function callChild(engine: Engine, call: ChildCall, { carried, underWay, takeOver }: ChildWait): Promise<ChildOutcome> {
  const workflowId = toChildWorkflowId(engine.input.runId, call.callPath);
  const { control, callLog } = engine;
  return CancellationScope.nonCancellable(async () => {
    let started: StartedChild | undefined;
    if (carried === undefined) {
      await underWay.mayBeLeft({ carry: () => undefined, isFree: true }, () => waitForRoom(engine, call));
      started = await startOne(engine, call, workflowId);
    } else control.children.add(workflowId, readTold(carried), control.state);
    const end = await underWay.mayBeLeft({ carry: () => control.children.toldOf(workflowId), isFree: true }, () =>
      waitForEnd(engine, workflowId, started?.closed),
    );
    control.children.remove(workflowId);
    if ('ended' in end) {
      if (started) callLog.noteArrival(started.handedOver);
      takeOver(end);
      return toOutcome(engine, end, call.callPath);
    }
    // Who ends without a word may have told nobody what travelled with it; told twice does no harm.
    if (started) callLog.putBack(started.handedOver);
    control.loseHolders([workflowId, ...end.descendants]);
    const message = `The call ${call.callPath} was ended from outside (${end.endedAs.toLowerCase()}); what it did last is not known.`;
    return { error: toErrorRecord(new LabError('RUN_TERMINATED', { message }), call.callPath), patch: null };
  });
}

/** Throws where the run is cancelled or the call given up first. */
async function waitForRoom({ control, children, gate }: Engine, { callPath, isLeftOver }: ChildCall): Promise<void> {
  const mayBegin = (): boolean => children.hasRoom() && !control.isPaused() && !gate.isContinuing;
  do {
    await condition(() => control.isCancelled() || isLeftOver() || mayBegin());
    if (control.isCancelled()) throw new CancelledFailure(`The run was cancelled before ${callPath}`);
    if (isLeftOver()) throw new LabError('CALL_ABANDONED');
    // All who wait for the same room are let go in one turn: each looks again when its own comes.
  } while (!mayBegin());
  children.begin();
}

interface StartedChild {
  /** Settles when Temporal tells this execution that the child has closed. */
  readonly closed: Promise<unknown>;
  /** Entries of the call log that travel with the child. */
  readonly handedOver: CallLog;
}

/** Resolves once the child is started: one that is only initiated when its parent continues as new never starts. */
async function startOne(engine: Engine, call: ChildCall, workflowId: string): Promise<StartedChild> {
  const { control, callLog, children } = engine;
  const startedWith = control.state;
  const handedOver = callLog.handOver();
  try {
    const handle = await startChild<(input: WorkflowInput) => Promise<Json>>(call.request.definition.name, {
      workflowId,
      args: [toChildInput(engine, call, listHandedOver(handedOver))],
      taskQueue: workflowInfo().taskQueue,
      workflowTaskTimeout: WORKFLOW_TASK_TIMEOUT_MS,
      parentClosePolicy: 'ABANDON',
      cancellationType: 'ABANDON',
      staticSummary: toSummaryOfEnd(call.callPath),
    });
    control.children.add(workflowId, startedWith, control.state);
    return { closed: handle.result(), handedOver };
  } catch (error) {
    // A child that never ran has told nobody.
    callLog.putBack(handedOver);
    return throwAsLabError(error, call.callPath);
  } finally {
    children.endStart();
  }
}

/** The first word of the end. */
async function waitForEnd({ children }: Engine, workflowId: string, closed: Promise<unknown> | undefined): Promise<ToldEnd> {
  let closedAs: { readonly error: unknown } | undefined;
  closed?.then(
    (value) => {
      closedAs = { error: value };
    },
    (error: unknown) => {
      closedAs = { error };
    },
  );
  const isTold = (): boolean => children.find(workflowId) !== undefined;
  await condition(() => isTold() || closedAs !== undefined);
  // A child that ends by itself tells before it closes. What one that was ended has left is ended from outside.
  if (!isTold()) await condition(isTold, OUTSIDE_WORD_LIMIT_MS);
  return children.find(workflowId) ?? { workflowId, endedAs: isTimeout(closedAs?.error) ? 'TIMED_OUT' : 'TERMINATED', descendants: [] };
}

function isTimeout(error: unknown): boolean {
  return error instanceof ChildWorkflowFailure && error.cause?.name === 'TimeoutFailure';
}

function toOutcome({ control }: Engine, { ended, patch }: ChildEnd, callPath: string): ChildOutcome {
  if (!('isCancelled' in ended)) return { ...ended, patch };
  // By hand, or by the caller: only the first is news to it.
  if (control.isCancelled()) return { isCancelled: true, patch };
  return { error: toErrorRecord(new LabError('RUN_CANCELLED', { message: `The call ${callPath} was cancelled.` }), callPath), patch };
}

/** What an earlier execution knows that the child knows. */
export function readTold(carried: Json): ToldControl {
  const { rev, cancel } = isJsonObject(carried) ? carried : {};
  return { rev: typeof rev === 'number' ? rev : 0, cancel: cancel === true };
}

function toChildInput(
  engine: Engine,
  { request, callPath, state, isInSection, recovery }: ChildCall,
  entries: readonly CallEntry[],
): WorkflowInput {
  const { input, control, sections, seed, workflowId } = engine;
  const { v, runId, mode, user, workcell, timeScale, historyBudgetEvents, cleanupLimitMs, ledgerLimitBytes } = input;
  return {
    v,
    runId,
    mode,
    user,
    workcell,
    protocol: request.definition.name,
    version: request.definition.version,
    parameters: request.parameters,
    assets: request.assets,
    fence: engine.fence,
    ...(timeScale !== undefined && { timeScale }),
    ...(historyBudgetEvents !== undefined && { historyBudgetEvents }),
    ...(cleanupLimitMs !== undefined && { cleanupLimitMs }),
    ...(ledgerLimitBytes !== undefined && { ledgerLimitBytes }),
    child: {
      callPath,
      parentWorkflowId: workflowId,
      seed,
      state,
      control: control.state,
      entries,
      sharedAssets: sections.shared,
      sectionFences: sections.fences,
      isInSection,
      ...(Object.keys(recovery).length > 0 && { recovery }),
    },
  };
}
