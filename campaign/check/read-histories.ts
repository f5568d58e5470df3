// Reads every execution of every workflow from Temporal, history by history, and tells of each what the checker asks for.

import { readFileSync } from 'node:fs';
import path from 'node:path';
import { Client, Connection } from '@temporalio/client';
import type { Activity, Execution, Value } from './evidence.js';

type History = Awaited<ReturnType<ReturnType<Client['workflow']['getHandle']>['fetchHistory']>>;
type HistoryEvent = NonNullable<History['events']>[number];
type Payloads = NonNullable<NonNullable<HistoryEvent['activityTaskScheduledEventAttributes']>['input']>;

const CONNECT_TIMEOUT_MS = 30_000;

export interface HistoryPlaces {
  readonly temporalAddress: string;
  readonly namespace: string;
  readonly blobFolder: string;
}

export async function readHistories({ temporalAddress: address, namespace, blobFolder }: HistoryPlaces): Promise<readonly Execution[]> {
  const connection = await Connection.connect({ address, connectTimeout: CONNECT_TIMEOUT_MS });
  try {
    const client = new Client({ connection, namespace });
    const executions: Execution[] = [];
    for await (const { workflowId, runId } of client.workflow.list()) {
      const { events } = await client.workflow.getHandle(workflowId, runId).fetchHistory();
      executions.push(toExecution({ workflowId, runId, blobFolder }, events ?? []));
    }
    return executions;
  } finally {
    await connection.close();
  }
}

export function toExecution({ workflowId, runId: executionId, blobFolder }: { workflowId: string; runId: string; blobFolder: string }, events: readonly HistoryEvent[]): Execution {
  const started = events[0]?.workflowExecutionStartedEventAttributes;
  const last = events.at(-1);
  const status = last ? toStatus(last) : 'running';
  return {
    workflowId,
    executionId,
    workflowType: started?.workflowType?.name ?? '',
    startedAtMs: toMilliseconds(events[0]),
    parentWorkflowId: started?.parentWorkflowExecution?.workflowId ?? null,
    status,
    closedAtMs: status === 'running' ? null : toMilliseconds(last),
    result: decode(last?.workflowExecutionCompletedEventAttributes?.result, blobFolder)[0] ?? null,
    activities: listActivities(events, blobFolder),
    children: listChildren(events),
  };
}

function toStatus(last: HistoryEvent): Execution['status'] {
  if (last.workflowExecutionCompletedEventAttributes) return 'completed';
  if (last.workflowExecutionFailedEventAttributes) return 'failed';
  if (last.workflowExecutionCanceledEventAttributes) return 'cancelled';
  if (last.workflowExecutionTerminatedEventAttributes) return 'terminated';
  if (last.workflowExecutionTimedOutEventAttributes) return 'timed-out';
  return last.workflowExecutionContinuedAsNewEventAttributes ? 'continued' : 'running';
}

function listActivities(events: readonly HistoryEvent[], blobFolder: string): readonly Activity[] {
  const activities = new Map<string, { -readonly [K in keyof Activity]: Activity[K] }>();
  for (const event of events) {
    const scheduled = event.activityTaskScheduledEventAttributes;
    if (scheduled) activities.set(String(event.eventId), { type: scheduled.activityType?.name ?? '', input: decode(scheduled.input, blobFolder), end: 'open', result: null, failure: null });
    const completed = event.activityTaskCompletedEventAttributes;
    const failed = event.activityTaskFailedEventAttributes;
    const ended = completed ?? failed ?? event.activityTaskTimedOutEventAttributes ?? event.activityTaskCanceledEventAttributes;
    const activity = ended ? activities.get(String(ended.scheduledEventId)) : undefined;
    if (!activity) continue;
    activity.end = completed ? 'completed' : failed ? 'failed' : event.activityTaskTimedOutEventAttributes ? 'timed-out' : 'cancelled';
    activity.result = decode(completed?.result, blobFolder)[0] ?? null;
    activity.failure = failed?.failure?.applicationFailureInfo?.type ?? null;
  }
  return [...activities.values()];
}

function listChildren(events: readonly HistoryEvent[]): Execution['children'] {
  const children = new Map<string, boolean>();
  for (const event of events) {
    const asked = event.startChildWorkflowExecutionInitiatedEventAttributes?.workflowId;
    const begun = event.childWorkflowExecutionStartedEventAttributes?.workflowExecution?.workflowId;
    if (typeof asked === 'string' && !children.has(asked)) children.set(asked, false);
    if (typeof begun === 'string') children.set(begun, true);
  }
  return [...children].map(([workflowId, hasStarted]) => ({ workflowId, hasStarted }));
}

function decode(payloads: Payloads | null | undefined, blobFolder: string): readonly Value[] {
  return (payloads?.payloads ?? []).map(({ metadata, data }) => {
    const read = (key: string): string => (metadata?.[key] ? Buffer.from(metadata[key]).toString() : '');
    const hash = read('praxis-blob');
    const content = hash === '' ? data : readFileSync(path.join(blobFolder, hash.slice(0, 2), hash));
    return read('encoding') === 'json/plain' && content ? (JSON.parse(Buffer.from(content).toString()) as Value) : null;
  });
}

function toMilliseconds(event: HistoryEvent | undefined): number {
  const { seconds, nanos } = event?.eventTime ?? {};
  return Number(seconds ?? 0) * 1000 + Math.floor((nanos ?? 0) / 1e6);
}
