// The last steps of a nested call that is a workflow of its own: it tells its parent how it ended, and closes only when that
// was heard, so that no continuation of the parent can miss it, and when all that reached it meanwhile has gone its way.

import {
  allHandlersFinished,
  CancelledFailure,
  condition,
  getExternalWorkflowHandle,
  isCancellation,
  workflowInfo,
  type ApplicationFailure,
} from '@temporalio/workflow';
import type { Json } from '../domain/json/json.js';
import { listHandedOver } from './execution/call-log.js';
import type { ChildInput } from './execution/engine.js';
import { lightenLog, type CallEnding } from './calls/end-broken.js';
import { toErrorRecord, toWorkflowFailure } from './replay/translate-errors.js';
import { childEndedSignal, type ChildEnd } from './execution/messages.js';
import type { OpenedEngine } from './open-engine.js';
import { sendUntilTaken } from './execution/outgoing-messages.js';
import type { StatePatch } from './replay/state-view.js';

/** The parent has the result already; a larger one is not written into the history a second time. */
const SHOWN_RESULT_LIMIT_CHARACTERS = 4_000;

export interface EndedChild {
  readonly ending: CallEnding;
  readonly patch: StatePatch | null;
}

/** Tells the parent, then ends the workflow as the author's function ended. */
export async function endChild(
  { engine, becomeCancelled }: OpenedEngine,
  child: ChildInput,
  { ending: reached, patch }: EndedChild,
): Promise<Json> {
  const { callLog, cleanupFailures, workflowId, control, inbox } = engine;
  // What a person asked of the call is on its way to the run: a message that is not waited for is lost with the workflow. It may
  // come until the very end, so nothing is awaited after this.
  const settle = (): Promise<void> => condition(() => control.isSettled() && allHandlersFinished());
  inbox.close();
  await condition(() => control.isSettled());
  const { ending } = await lightenLog(engine, reached);
  const left = { workflowId, patch, entries: listHandedOver(callLog.handOver()), cleanupFailures: [...cleanupFailures] };
  if ('result' in ending) {
    const { result } = ending;
    await tellEnd(child.parentWorkflowId, { ...left, ended: { result } });
    await settle();
    return JSON.stringify(result).length > SHOWN_RESULT_LIMIT_CHARACTERS ? null : result;
  }
  if (isCancellation(ending.error)) {
    await tellEnd(child.parentWorkflowId, { ...left, ended: { isCancelled: true } });
    await becomeCancelled();
    await settle();
    throw new CancelledFailure('The call was cancelled');
  }
  const error = toErrorRecord(ending.error, child.callPath);
  await tellEnd(child.parentWorkflowId, { ...left, ended: { error } });
  await settle();
  throw toWorkflowFailure(ending.error, error);
}

/** A child that cannot even begin: its parent must hear that too. */
export async function failChild(child: ChildInput, failure: ApplicationFailure): Promise<never> {
  const error = { code: 'NO_WORKER', message: failure.message, callPath: child.callPath } as const;
  await tellEnd(child.parentWorkflowId, {
    workflowId: workflowInfo().workflowId,
    ended: { error },
    patch: null,
    entries: child.entries,
    cleanupFailures: [],
  });
  throw failure;
}

/** Resolves once the end stands in the history of the parent, or where the parent is gone: then the run has ended without it. */
async function tellEnd(parentWorkflowId: string, end: ChildEnd): Promise<void> {
  await sendUntilTaken(() => getExternalWorkflowHandle(parentWorkflowId).signal(childEndedSignal, end));
}
