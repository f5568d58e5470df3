// How the workflow of a run stands: open, unknown, or ended; of one that failed by itself, what it failed with.

import { WorkflowFailedError, WorkflowNotFoundError, type WorkflowClient, type WorkflowHandle } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import type { WorkflowFailure, WorkflowState } from './workflow-outcomes.js';

export async function describeWorkflow(workflow: WorkflowClient, runId: string): Promise<WorkflowState> {
  try {
    const handle = workflow.getHandle(runId);
    const { status } = await handle.describe();
    if (status.name === 'RUNNING' || status.name === 'PAUSED') return { phase: 'open' };
    return { phase: 'closed', closedAs: status.name, ...(status.name === 'FAILED' && { failure: await readFailure(handle) }) };
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return { phase: 'missing' };
    throw error;
  }
}

async function readFailure(handle: WorkflowHandle): Promise<WorkflowFailure> {
  try {
    await handle.result();
    return { code: '', message: 'It failed.' };
  } catch (error) {
    if (!(error instanceof WorkflowFailedError)) throw error;
    const { cause } = error;
    return { code: cause instanceof ApplicationFailure ? (cause.type ?? '') : '', message: cause?.message ?? '' };
  }
}
