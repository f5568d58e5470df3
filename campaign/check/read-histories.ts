// Reads every execution of every workflow from Temporal, history by history, and tells of each what the checker asks for.

import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { Client, Connection } from '@temporalio/client';
import type { Activity, Execution, Value } from './evidence.js';
import { fieldsOf, listOf, textOf } from './trails.js';

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

export function toExecution(
  { workflowId, runId: executionId, blobFolder }: { workflowId: string; runId: string; blobFolder: string },
  events: readonly HistoryEvent[],
): Execution {
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
    ...readSizes(events, blobFolder),
    cleanupFailures: listCleanupFailures(events, blobFolder),
  };
}

type Payload = NonNullable<Payloads['payloads']>[number];

/** Of every payload in the history, wherever it stands. */
function readSizes(events: readonly HistoryEvent[], blobFolder: string): Pick<Execution, 'largestPayload' | 'blobs'> {
  let largestPayload = { bytes: 0, event: '' };
  const hashes = new Set<string>();
  for (const event of events) {
    for (const payload of listPayloads(event)) {
      const bytes = payload.data?.length ?? 0;
      if (bytes > largestPayload.bytes)
        largestPayload = { bytes, event: Object.keys(event).find((key) => key.endsWith('Attributes')) ?? '' };
      const hash = readMetadata(payload, 'praxis-blob');
      if (hash !== '') hashes.add(hash);
    }
  }
  return { largestPayload, blobs: [...hashes].map((hash) => ({ hash, isThere: readBlob(hash, blobFolder) !== undefined })) };
}

function listPayloads(value: unknown): readonly Payload[] {
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array) return [];
  if ('data' in value && value.data instanceof Uint8Array && 'metadata' in value) return [value as Payload];
  return Object.values(value).flatMap(listPayloads);
}

/** Undefined where it is not there, or is not what its name says. */
function readBlob(hash: string, blobFolder: string): Buffer | undefined {
  try {
    const content = readFileSync(path.join(blobFolder, hash.slice(0, 2), hash));
    return createHash('sha256').update(content).digest('hex') === hash ? content : undefined;
  } catch {
    // An invariant of its own tells of it.
    return undefined;
  }
}

/** By the end of a call, and by what an earlier execution has left. */
function listCleanupFailures(events: readonly HistoryEvent[], blobFolder: string): readonly string[] {
  const [input] = decode(events[0]?.workflowExecutionStartedEventAttributes?.input, blobFolder);
  const told = events.flatMap(({ workflowExecutionSignaledEventAttributes: signal }) => (signal ? decode(signal.input, blobFolder) : []));
  return [fieldsOf(fieldsOf(input)['carried']), ...told.map(fieldsOf)].flatMap((left) => listOf(left['cleanupFailures']).map(textOf));
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
    if (scheduled)
      activities.set(String(event.eventId), {
        type: scheduled.activityType?.name ?? '',
        input: decode(scheduled.input, blobFolder),
        end: 'open',
        result: null,
        failure: null,
      });
    const asked = activities.get(String(event.activityTaskCancelRequestedEventAttributes?.scheduledEventId));
    if (asked) asked.isCancelAsked = true;
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
  return (payloads?.payloads ?? []).map((payload) => {
    const hash = readMetadata(payload, 'praxis-blob');
    const content = hash === '' ? payload.data : readBlob(hash, blobFolder);
    return readMetadata(payload, 'encoding') === 'json/plain' && content ? (JSON.parse(Buffer.from(content).toString()) as Value) : null;
  });
}

function readMetadata({ metadata }: Payload, key: string): string {
  return metadata?.[key] ? Buffer.from(metadata[key]).toString() : '';
}

function toMilliseconds(event: HistoryEvent | undefined): number {
  const { seconds, nanos } = event?.eventTime ?? {};
  return Number(seconds ?? 0) * 1000 + Math.floor((nanos ?? 0) / 1e6);
}
