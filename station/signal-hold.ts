// Tells the root workflow of a run that something holds it or lets it go, on the connection that the worker has anyway.

import { WorkflowNotFoundError, type Client } from '@temporalio/client';
import { HOLD_SIGNAL, type HoldChange } from '../domain/runs/control.js';

const SIGNAL_LIMIT_MS = 3_000;

/** A run that Temporal does not have open needs no hold. */
export function createSignalHold(client: Client): (runId: string, change: HoldChange) => Promise<void> {
  return async (runId, change) => {
    try {
      await client.withDeadline(Date.now() + SIGNAL_LIMIT_MS, () => client.workflow.getHandle(runId).signal(HOLD_SIGNAL, change));
    } catch (error) {
      if (!(error instanceof WorkflowNotFoundError)) throw error;
    }
  };
}
