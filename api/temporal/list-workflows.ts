// Which workflows are open, as the list of Temporal knows, which may be a moment behind.

import type { Connection, WorkflowClient } from '@temporalio/client';
import { defineSearchAttributeKey } from '@temporalio/common';
import type { OpenWorkflow } from './workflow-outcomes.js';

/** Longest time of one request to Temporal. */
export const REQUEST_TIMEOUT_MS = 5000;
const LIST_PAGE_ROWS = 1_000;

export async function listRunningIds(workflow: WorkflowClient): Promise<ReadonlySet<string>> {
  const ids = new Set<string>();
  for await (const { workflowId } of workflow.list({ query: `ExecutionStatus = 'Running'`, pageSize: LIST_PAGE_ROWS })) ids.add(workflowId);
  return ids;
}

export async function* listOpenRuns(workflow: WorkflowClient, connection: Connection): AsyncGenerator<OpenWorkflow> {
  // Nested calls have no protocol among their search attributes.
  const pages = workflow.list({ query: 'ExecutionStatus = "Running" AND PraxisProtocol IS NOT NULL' })[Symbol.asyncIterator]();
  for (;;) {
    // A deadline for each step and not for all: whoever reads the list does other things between two.
    const step = await connection.withDeadline(Date.now() + REQUEST_TIMEOUT_MS, () => pages.next());
    if (step.done === true) return;
    const { workflowId, type, memo, typedSearchAttributes } = step.value;
    const assets = memo?.['assets'];
    yield {
      workflowId,
      protocol: type,
      workcell: typedSearchAttributes.get(WORKCELL_ATTRIBUTE) ?? '',
      assets: Array.isArray(assets) ? assets.map(String) : [],
    };
  }
}

const WORKCELL_ATTRIBUTE = defineSearchAttributeKey('PraxisWorkcell', 'KEYWORD');
