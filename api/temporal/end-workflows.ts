// What finds, ends and tells of workflows that were ended from outside.

import {
  WorkflowExecutionAlreadyStartedError,
  WorkflowNotFoundError,
  type WorkflowClient,
  type WorkflowExecutionInfo,
} from '@temporalio/client';
import { CHILD_ENDED_SIGNAL, WORDLESS_ENDS, type LostChild } from '../../domain/runs/control.js';
import type { EndedWorkflow, ListedWorkflow } from './workflow-outcomes.js';

export interface WorkflowEnding {
  /** Workflows that were terminated or timed out since then; the list is some milliseconds late. */
  listWordlessEnds(sinceMs: number): Promise<readonly EndedWorkflow[]>;
  /** Open workflows of a run, its own excepted. */
  listOpenBelow(runId: string): Promise<readonly ListedWorkflow[]>;
  /** Terminates; false where it is not open. */
  terminate(workflowId: string, reason: string): Promise<boolean>;
  /** False where the parent is not open. */
  tellLostChild(parentWorkflowId: string, lost: LostChild): Promise<boolean>;
}

/** What finds, ends and tells of workflows that were ended from outside. */
export function createEnding(workflow: WorkflowClient, request: <T>(work: () => Promise<T>) => Promise<T>): WorkflowEnding {
  return {
    listWordlessEnds: (sinceMs) =>
      request(async () => {
        const found: EndedWorkflow[] = [];
        const query = `CloseTime >= "${new Date(sinceMs).toISOString()}" AND ExecutionStatus IN ("Terminated", "TimedOut")`;
        for await (const info of workflow.list({ query })) {
          const endedAs = WORDLESS_ENDS.find((each) => each === info.status.name);
          if (endedAs) found.push({ ...toListed(info), endedAs });
        }
        return found;
      }),
    listOpenBelow: (runId) =>
      request(async () => {
        const found: ListedWorkflow[] = [];
        const query = `RootWorkflowId = "${runId}" AND ExecutionStatus = "Running"`;
        for await (const info of workflow.list({ query })) if (info.workflowId !== runId) found.push(toListed(info));
        return found;
      }),
    terminate: (workflowId, reason) => request(() => isFound(workflow.getHandle(workflowId).terminate(reason))),
    tellLostChild: (parentWorkflowId, lost) =>
      request(() => isFound(workflow.getHandle(parentWorkflowId).signal(CHILD_ENDED_SIGNAL, lost))),
  };
}

function toListed({ workflowId, runId, parentExecution }: WorkflowExecutionInfo): ListedWorkflow {
  return { workflowId, executionId: runId, parentWorkflowId: parentExecution?.workflowId ?? null };
}

/** False where the workflow does not exist or has closed. */
export async function isFound(work: Promise<unknown>): Promise<boolean> {
  try {
    await work;
    return true;
  } catch (error) {
    if (error instanceof WorkflowNotFoundError || error instanceof WorkflowExecutionAlreadyStartedError) return false;
    throw error;
  }
}
