// Watches a run to its end and shows what happens, questions with the command that answers them.

import { isConnectionError, type ApiClient } from '../client/api-client.js';
import { createEventRenderer, type EventRenderer } from '../render/render-event.js';
import { askAndAnswer, isAskedInPlace, type Asking } from '../inbox/ask-answer.js';
import { CliError } from '../terminal/exit.js';
import type { Person } from '../terminal/ask-person.js';
import { followEvents, retryWhileAway, type EventReader } from './follow-events.js';
import { renderItem } from '../render/render-item.js';
import type { Terminal } from '../terminal/terminal.js';
import type { InboxItem } from '../../domain/inbox/inbox.js';
import type { EventData, LabEvent } from '../../domain/history/event.js';
import type { Run } from '../../domain/runs/run.js';

/** How long the status line may stay as it is. */
const QUIET_WAIT_MS = 20_000;
/** While a command is at work that was not shown yet, it is shown after this time. */
const ANNOUNCE_AFTER_MS = 2000;
/** After the end of the run, for the last journal rows on their way to the database. */
const LAST_EVENTS_WAIT_MS = 2000;

interface Watch {
  readonly api: ApiClient;
  readonly reader: EventReader;
  readonly renderer: EventRenderer | null;
  readonly terminal: Terminal | null;
  /** Is asked what the run asks. */
  readonly person: Person | null;
}

/** The ended run, or null where the signal ended the watch. */
export async function watchRun(
  api: ApiClient,
  run: Run,
  options: { terminal: Terminal | null; person: Person | null; signal: AbortSignal },
): Promise<Run | null> {
  const { terminal, person, signal } = options;
  const closing = new AbortController();
  const onLost = (): void => terminal?.status('… the API does not answer; trying again');
  const reader = followEvents(api, run.id, { signal: AbortSignal.any([signal, closing.signal]), onLost });
  const watch: Watch = { api, reader, terminal, person, renderer: terminal === null ? null : createEventRenderer(terminal) };
  try {
    for (let hasEnded = false; !hasEnded; ) {
      const events = await reader.read(watch.renderer?.hasOpenWork() === true ? ANNOUNCE_AFTER_MS : QUIET_WAIT_MS);
      if (events === null) return null;
      await showEvents(watch, events);
      hasEnded = events.some(({ type }) => type === 'run.completed' || type === 'run.failed' || type === 'run.cancelled');
    }
    await showLastEvents(watch);
    terminal?.status('');
    return signal.aborted ? null : await retryWhileAway(() => api.getRun({ params: { id: run.id } }), { signal, onLost });
  } finally {
    closing.abort();
  }
}

async function showLastEvents(watch: Watch): Promise<void> {
  const deadlineMs = performance.now() + LAST_EVENTS_WAIT_MS;
  while (watch.renderer?.hasOpenWork() === true && performance.now() < deadlineMs) {
    const events = await watch.reader.read(LAST_EVENTS_WAIT_MS);
    if (events === null) return;
    await showEvents(watch, events);
  }
}

async function showEvents(watch: Watch, events: readonly LabEvent[]): Promise<void> {
  const { renderer, terminal } = watch;
  if (renderer === null || terminal === null) return;
  for (const event of events) {
    renderer.show(event);
    if (event.type === 'inbox.opened') await showQuestion(watch, terminal, event.data);
  }
  if (events.length === 0 && !terminal.isInteractive) renderer.announceOpenCommands();
  terminal.status(renderer.describeNow());
}

/** The run goes on meanwhile; what happens is shown after the answer. */
async function askInPlace(asking: Asking, item: InboxItem): Promise<void> {
  const answered = await askAndAnswer(asking, item).catch((error: unknown) => {
    // Somebody else was first, or the API is away for a moment: the events say how it went on.
    if (error instanceof CliError) return null;
    throw error;
  });
  if (answered === null) asking.terminal.line('Not answered here.');
}

/** The item as it is now, with the command that answers it; of one that was closed meanwhile only what was asked. */
async function showQuestion({ api, person }: Watch, terminal: Terminal, { itemId, text }: EventData<'inbox.opened'>): Promise<void> {
  const item = await api.getInboxItem({ params: { id: itemId } }).catch((error: unknown) => {
    // The question must be seen also when the API goes away right now.
    if (isConnectionError(error)) return undefined;
    throw error;
  });
  if (item?.status === 'open') {
    for (const line of renderItem(item, terminal)) terminal.line(line);
    if (person !== null && isAskedInPlace(item)) await askInPlace({ api, terminal, person }, item);
  } else terminal.line(`${terminal.paint('yellow', '?')} ${text}${item === undefined ? `  (answer with: praxis answer ${itemId})` : ''}`);
}
