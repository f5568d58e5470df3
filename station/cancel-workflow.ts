// Asks Temporal to cancel a workflow, on the connection that the worker has anyway.

import { WorkflowNotFoundError, type Client } from '@temporalio/client';

/** A workflow that has closed meanwhile needs no cancellation. */
export function createCancelWorkflow(client: Client): (workflowId: string) => Promise<void> {
  return async (workflowId) => {
    try {
      await client.workflow.getHandle(workflowId).cancel();
    } catch (error) {
      if (!(error instanceof WorkflowNotFoundError)) throw error;
    }
  };
}
