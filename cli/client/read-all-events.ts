// Reads the events of a run to their end.

import type { ApiClient } from './api-client.js';
import type { LabEvent } from '../../domain/history/event.js';

const PAGE_SIZE = 200;

export async function readAllEvents(api: ApiClient, runId: string): Promise<LabEvent[]> {
  const all: LabEvent[] = [];
  for (;;) {
    const { items } = await api.listEvents({ params: { id: runId }, query: { after: all.at(-1)?.pos ?? 0, limit: PAGE_SIZE } });
    all.push(...items);
    if (items.length < PAGE_SIZE) return all;
  }
}
