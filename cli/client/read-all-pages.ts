// Reads lists of the API to their end, page by page.

import type { ApiClient, Query } from './api-client.js';
import type { LabEvent } from '../../domain/history/event.js';
import type { Page } from '../../domain/json/page.js';

const PAGE_SIZE = 200;

export async function readAllPages<T>(api: ApiClient, path: string, query: Query = {}): Promise<T[]> {
  const all: T[] = [];
  let cursor: string | undefined;
  do {
    const page: Page<T> = await api.get<Page<T>>(path, { ...query, limit: PAGE_SIZE, cursor });
    all.push(...page.items);
    cursor = page.nextCursor;
  } while (cursor !== undefined);
  return all;
}

export async function readAllEvents(api: ApiClient, runId: string): Promise<LabEvent[]> {
  const all: LabEvent[] = [];
  for (;;) {
    const { items } = await api.get<Page<LabEvent>>(`/runs/${runId}/events`, { after: all.at(-1)?.pos ?? 0, limit: PAGE_SIZE });
    all.push(...items);
    if (items.length < PAGE_SIZE) return all;
  }
}
