// Times by Temporal's own clock, read from the history of a workflow.

import type { Client } from '@temporalio/client';

type History = Awaited<ReturnType<ReturnType<Client['workflow']['getHandle']>['fetchHistory']>>;
export type HistoryEvent = NonNullable<History['events']>[number];

export async function readHistory(temporal: Client, workflowId: string): Promise<readonly HistoryEvent[]> {
  return (await temporal.workflow.getHandle(workflowId).fetchHistory()).events ?? [];
}

export function toEventMs(event: HistoryEvent | undefined): number {
  return Number(event?.eventTime?.seconds) * 1_000 + (event?.eventTime?.nanos ?? 0) / 1e6;
}

/** From the first activity of the name to the end of the last, counting only the last so many. */
export function measureActivitiesMs(events: readonly HistoryEvent[], names: readonly string[], count: number): number {
  const scheduled = events
    .filter((event) => names.includes(event.activityTaskScheduledEventAttributes?.activityType?.name ?? ''))
    .slice(-count);
  const ids = new Set(scheduled.map((event) => String(event.eventId)));
  const ended = events.filter((event) => ids.has(String(event.activityTaskCompletedEventAttributes?.scheduledEventId)));
  return toEventMs(ended.at(-1)) - toEventMs(scheduled[0]);
}
