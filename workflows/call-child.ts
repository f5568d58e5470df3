// A nested call as a workflow of its own: visible in Temporal's tree, with a history of its own, started outside of
// cancellation and ended only by control, because Temporal's cancel does not reach a child that has continued as new.

import { ApplicationFailure, CancellationScope, ChildWorkflowFailure, isCancellation, startChild, workflowInfo } from '@temporalio/workflow';
import { LabError, type ErrorRecord } from '../domain/error.js';
import { isJsonObject, type Json } from '../domain/json.js';
import type { RecoveryPolicy } from '../domain/recovery.js';
import type { CallRequest } from '../protocols/sdk/runtime.js';
import type { Engine, WorkflowInput } from './engine.js';
import { throwAsLabError, toLabError } from './failures.js';
import type { ChildEnd } from './messages.js';

/** Temporal takes 1,000 characters; the rest of a long path is replaced by a hash of all of it. */
const WORKFLOW_ID_LIMIT_CHARACTERS = 200;
const SUMMARY_LIMIT_CHARACTERS = 120;
const WORKFLOW_TASK_TIMEOUT_MS = 5_000;

/** `<run>/<call path>`: who reads the id knows the call. */
export function toChildWorkflowId(runId: string, callPath: string): string {
  const id = `${runId}/${callPath}`;
  return id.length <= WORKFLOW_ID_LIMIT_CHARACTERS ? id : `${id.slice(0, WORKFLOW_ID_LIMIT_CHARACTERS - 9)}-${hashText(callPath)}`;
}

export interface ChildCall {
  readonly request: CallRequest;
  readonly callPath: string;
  readonly state: WorkflowInput['parameters'];
  readonly isInSection: boolean;
  /** Of the caller. */
  readonly recovery: RecoveryPolicy;
  /** Set once, when the child says goodbye before it ends as cancelled. */
  readonly goodbye: () => ChildEnd | undefined;
}

/** What a child's workflow returns. */
export type ChildOutcome = { readonly result: Json } & ChildEnd;

/** Runs the child to its end. Rejects with what it failed with; what it leaves behind is taken over in any case. */
export async function callChild(engine: Engine, call: ChildCall, takeOver: (end: ChildEnd) => void): Promise<Json> {
  const workflowId = toChildWorkflowId(engine.input.runId, call.callPath);
  const { control, callLog } = engine;
  const startedWith = control.state;
  const input = toChildInput(engine, call);
  try {
    const outcome = await CancellationScope.nonCancellable(async () => {
      const handle = await startChild<(input: WorkflowInput) => Promise<ChildOutcome>>(call.request.definition.name, {
        workflowId,
        args: [input],
        taskQueue: workflowInfo().taskQueue,
        workflowTaskTimeout: WORKFLOW_TASK_TIMEOUT_MS,
        parentClosePolicy: 'TERMINATE',
        cancellationType: 'ABANDON',
        staticSummary: call.callPath.slice(-SUMMARY_LIMIT_CHARACTERS),
      });
      control.addChild(workflowId, startedWith);
      return handle.result();
    });
    takeOver(outcome);
    return outcome.result;
  } catch (error) {
    // Told twice does no harm; a child that never ran has told nobody.
    callLog.adopt(input.child?.entries ?? []);
    throw readFailure(error, { ...call, takeOver, isCancelled: control.isCancelled() });
  } finally {
    control.removeChild(workflowId);
  }
}

function toChildInput(engine: Engine, { request, callPath, state, isInSection, recovery }: ChildCall): WorkflowInput {
  const { input, control, callLog, sections, seed, workflowId } = engine;
  const { v, runId, mode, user, workcell, timeScale, historyBudgetEvents, cleanupLimitMs } = input;
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
    child: { callPath, parentWorkflowId: workflowId, seed, state, control: control.state, entries: callLog.handOver(), sharedAssets: sections.shared, sectionFences: sections.fences, isInSection, ...(Object.keys(recovery).length > 0 && { recovery }) },
  };
}

/** The error of the child as the caller meets it. */
function readFailure(error: unknown, call: ChildCall & { takeOver: (end: ChildEnd) => void; isCancelled: boolean }): unknown {
  const { takeOver, isCancelled } = call;
  const goodbye = call.goodbye();
  if (goodbye) takeOver(goodbye);
  if (isCancellation(error)) {
    // By hand, or by the caller: only the first is news to it.
    return isCancelled ? error : new LabError('RUN_CANCELLED', { message: `The call ${call.callPath} was cancelled.`, cause: error });
  }
  const cause = error instanceof ChildWorkflowFailure ? error.cause : error;
  const left: unknown = cause instanceof ApplicationFailure ? cause.details?.[0] : undefined;
  if (isJsonObject(left) && isJsonObject(left['error'])) {
    const { error: record, ...end } = left as unknown as { error: ErrorRecord } & ChildEnd;
    takeOver(end);
    return toLabError(record);
  }
  try {
    return throwAsLabError(error, call.callPath);
  } catch (translated) {
    // Terminated or timed out from outside: what it did last is not known here.
    return translated instanceof LabError && translated.code === 'INTERNAL'
      ? new LabError('RUN_TERMINATED', { message: `The call ${call.callPath} was ended from outside: ${translated.message}`, cause: error })
      : translated;
  }
}

/** Eight hexadecimal digits (FNV-1a). */
function hashText(text: string): string {
  let hash = 2166136261;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 16777619);
  return (hash >>> 0).toString(16).padStart(8, '0');
}
