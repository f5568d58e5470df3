// Watches a run to its end over the long poll for events. The API may restart meanwhile: the watch goes on from the
// last event seen, and gives up only after a minute without an answer.

import { isConnectionError, type ApiClient } from './api-client.js';
import { createEventRenderer, type EventRenderer } from './render-event.js';
import { describeWaiting } from './render-run.js';
import type { Terminal } from './terminal.js';
import type { LabEvent } from '../domain/event.js';
import type { Page } from '../domain/page.js';
import { isEndedRunStatus, type Run } from '../domain/run.js';

const POLL_WAIT_MS = 20_000;
/** While a command is at work that was not shown yet, it is shown after this time. */
const ANNOUNCE_AFTER_MS = 2000;
/** Beyond the wait itself, for the answer to travel. */
const ANSWER_MARGIN_MS = 10_000;
const EVENTS_PER_POLL = 200;
const RECONNECT_LIMIT_MS = 60_000;
const RECONNECT_DELAY_MS = 500;
/** After the end of the run, for the last journal rows on their way to the database. */
const LAST_EVENTS_WAIT_MS = 2000;
/** A poll that was answered early and empty was not held; asking again at once would spin. */
const UNHELD_POLL_DELAY_MS = 250;
const UNHELD_POLL_MS = 100;

/** The ended run, or null where the signal ended the watch. */
export async function watchRun(api: ApiClient, run: Run, options: { terminal: Terminal | null; signal: AbortSignal }): Promise<Run | null> {
  const renderer = options.terminal === null ? null : createEventRenderer(options.terminal);
  for (const waiting of run.waitingFor ?? []) options.terminal?.line(`queued: waits for ${describeWaiting(waiting)}`);
  const reader = createEventReader(api, run.id, options);
  let hasEnded = isEndedRunStatus(run.status);
  while (!hasEnded) {
    const waitMs = renderer?.hasOpenWork() === true ? ANNOUNCE_AFTER_MS : POLL_WAIT_MS;
    const events = await reader.read(waitMs);
    if (events === null) return null;
    showEvents(events, renderer, options.terminal);
    hasEnded = events.some(({ type }) => type === 'run.completed' || type === 'run.failed' || type === 'run.cancelled');
  }
  await showLastEvents(reader, renderer, options.terminal);
  options.terminal?.status('');
  return options.signal.aborted ? null : reader.retry(() => api.get<Run>(`/runs/${run.id}`));
}

interface EventReader {
  /** The next events, empty where none came in time, null where the signal ended the watch. */
  read(waitMs: number): Promise<readonly LabEvent[] | null>;
  /** Repeats a request while the API is away; null where the signal ended the watch. */
  retry<T>(request: () => Promise<T>): Promise<T | null>;
}

function createEventReader(api: ApiClient, runId: string, options: { terminal: Terminal | null; signal: AbortSignal }): EventReader {
  const { terminal, signal } = options;
  let after = 0;
  const retry: EventReader['retry'] = async (request) => {
    let lostAtMs: number | undefined;
    for (;;) {
      try {
        return await request();
      } catch (error) {
        if (signal.aborted) return null;
        lostAtMs ??= performance.now();
        if (!isConnectionError(error) || performance.now() - lostAtMs > RECONNECT_LIMIT_MS) throw error;
        terminal?.status('… the API does not answer; trying again');
        await pause(RECONNECT_DELAY_MS);
      }
    }
  };
  return {
    retry,
    read: async (waitMs) => {
      const askedAtMs = performance.now();
      const query = { after, limit: EVENTS_PER_POLL, waitMs };
      const page = await retry(() => api.get<Page<LabEvent>>(`/runs/${runId}/events`, query, { timeoutMs: waitMs + ANSWER_MARGIN_MS, signal }));
      if (page === null || signal.aborted) return null;
      after = page.items.at(-1)?.pos ?? after;
      const wasHeld = page.items.length > 0 || performance.now() - askedAtMs > Math.min(UNHELD_POLL_MS, waitMs);
      if (!wasHeld) await pause(UNHELD_POLL_DELAY_MS);
      return page.items;
    },
  };
}

async function showLastEvents(reader: EventReader, renderer: EventRenderer | null, terminal: Terminal | null): Promise<void> {
  const deadlineMs = performance.now() + LAST_EVENTS_WAIT_MS;
  while (renderer?.hasOpenWork() === true && performance.now() < deadlineMs) {
    const events = await reader.read(LAST_EVENTS_WAIT_MS);
    if (events === null) return;
    showEvents(events, renderer, terminal);
  }
}

function showEvents(events: readonly LabEvent[], renderer: EventRenderer | null, terminal: Terminal | null): void {
  if (renderer === null || terminal === null) return;
  for (const event of events) renderer.show(event);
  if (events.length === 0 && !terminal.isInteractive) renderer.announceOpenCommands();
  terminal.status(renderer.describeNow());
}

function pause(durationMs: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, durationMs);
  });
}
