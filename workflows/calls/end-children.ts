// The open calls of a workflow that cannot go on: its author code never comes to where it waits for them, so they are made to hear
// of control without it, and are ended before the workflow is. None of them moves a machine after that.

import { condition } from '@temporalio/workflow';
import { OUTSIDE_WORD_LIMIT_MS, readTold, toChildWorkflowId } from './call-child.js';
import type { Engine } from '../execution/engine.js';

/** From now on every call that an earlier execution has left open hears of a pause and of a cancel, as one that is waited for does. */
export function adoptChildren({ input, control, children }: Engine): void {
  for (const [id, carried] of Object.entries(input.carried?.open ?? {})) {
    const workflowId = toChildWorkflowId(input.runId, id);
    if (isOperationOfOwn(id) || children.find(workflowId) !== undefined || control.children.has(workflowId)) continue;
    control.children.add(workflowId, readTold(carried), control.state);
  }
}

/** Cancels them and resolves once each has cleaned up and told its end, and has left here what it would have left to its caller. */
export async function endChildren(engine: Engine): Promise<void> {
  adoptChildren(engine);
  await Promise.all(engine.control.children.list().map((workflowId) => endOne(engine, workflowId)));
  // What they and an earlier execution held the run for is asked by nobody any more.
  engine.control.loseHolders([engine.workflowId]);
}

async function endOne({ control, children, callLog, cleanupFailures }: Engine, workflowId: string): Promise<void> {
  const isTold = (): boolean => children.find(workflowId) !== undefined;
  const isThere = await control.cancelChild(workflowId);
  // Who ends by itself has told before it closes; what was ended from outside, the outside tells.
  await (isThere ? condition(isTold) : condition(isTold, OUTSIDE_WORD_LIMIT_MS));
  control.children.remove(workflowId);
  const end = children.find(workflowId);
  if (end === undefined || 'endedAs' in end) {
    control.loseHolders([workflowId, ...(end?.descendants ?? [])]);
    return;
  }
  cleanupFailures.push(...end.cleanupFailures.filter((failure) => !cleanupFailures.includes(failure)));
  callLog.adopt(end.entries);
}

/** A command, delay, question or the like; a call is named by its path alone. */
function isOperationOfOwn(id: string): boolean {
  return id.includes('#');
}
