// How the workflow of a run is started: its id, its queue, its first argument, and what Temporal's own pages show and find of it.

import type { WorkflowStartOptions } from '@temporalio/client';
import { toProtocolQueue } from '../../domain/values/ids.js';
import type { RunEnvelope } from '../../domain/runs/run.js';
import { toSummary } from '../../domain/values/summary.js';

/** A workflow task longer than this is given to another worker; replay of a run stays far below. */
const WORKFLOW_TASK_TIMEOUT_MS = 5000;

export function toStartOptions(envelope: RunEnvelope, bundle: string, historyBudgetEvents: number | null): WorkflowStartOptions {
  return {
    workflowId: envelope.runId,
    taskQueue: toProtocolQueue(bundle),
    args: [historyBudgetEvents === null ? envelope : { ...envelope, historyBudgetEvents }],
    workflowIdConflictPolicy: 'USE_EXISTING',
    workflowIdReusePolicy: 'REJECT_DUPLICATE',
    workflowTaskTimeout: WORKFLOW_TASK_TIMEOUT_MS,
    staticSummary: summarise(envelope),
    memo: { version: envelope.version, mode: envelope.mode, assets: Object.values(envelope.assets).map(({ name }) => name) },
    typedSearchAttributes: [
      keyword('PraxisProtocol', envelope.protocol),
      keyword('PraxisBundle', bundle),
      keyword('PraxisUser', envelope.user),
      keyword('PraxisWorkcell', envelope.workcell),
    ],
  };
}

function keyword(name: string, value: string): { key: { name: string; type: 'KEYWORD' }; value: string } {
  return { key: { name, type: 'KEYWORD' }, value };
}

/** `serial_dilution numDilutions=8`, cut to what Temporal takes. */
function summarise({ protocol, parameters }: RunEnvelope): string {
  const words = [
    protocol,
    ...Object.entries(parameters).map(([name, value]) => `${name}=${typeof value === 'string' ? value : JSON.stringify(value)}`),
  ];
  return toSummary(words.join(' '));
}
