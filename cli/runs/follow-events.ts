// Follows the events of a run over the live feed. The API may restart meanwhile: the feed is opened again behind the
// last event seen, and given up only after a minute without an answer.

import { isConnectionError, type ApiClient } from '../client/api-client.js';
import type { LabEvent } from '../../domain/history/event.js';

const RECONNECT_LIMIT_MS = 60_000;
const RECONNECT_DELAY_MS = 500;
/** Events read ahead of the screen; further ones stay in the connection. */
const READ_AHEAD_MAX = 1000;

export interface Following {
  readonly signal: AbortSignal;
  /** Told each time the API does not answer. */
  readonly onLost: () => void;
}

export interface EventReader {
  /** The next events, empty where none came in time, null where the signal ended it. Throws what the API refused. */
  read(waitMs: number): Promise<readonly LabEvent[] | null>;
}

/** From the first event of the run on. */
export function followEvents(api: ApiClient, runId: string, { signal, onLost }: Following): EventReader {
  let arrived: LabEvent[] = [];
  let failure: { readonly error: unknown } | undefined;
  let lastId = '0';
  /** Woken by whatever changes: events that came, events that were taken, a failure, the end. */
  const sleepers = new Set<() => void>();
  const wake = (): void => {
    for (const wakeOne of [...sleepers]) wakeOne();
  };
  const sleep = (timeoutMs: number): Promise<void> =>
    new Promise((resolve) => {
      const wakeOne = (): void => {
        clearTimeout(timer);
        sleepers.delete(wakeOne);
        resolve();
      };
      const timer = setTimeout(wakeOne, timeoutMs);
      sleepers.add(wakeOne);
    });
  signal.addEventListener('abort', wake);

  const readOnce = async (hear: () => void): Promise<void> => {
    const chunks = api.stream(api.toUrl('streamEvents', { query: { runId } }), { headers: { 'last-event-id': lastId }, signal });
    for await (const { id, data } of readMessages(chunks)) {
      hear();
      lastId = id ?? lastId;
      if (data === undefined) continue;
      arrived.push(JSON.parse(data) as LabEvent);
      wake();
      while (arrived.length >= READ_AHEAD_MAX && !signal.aborted) await sleep(RECONNECT_DELAY_MS);
    }
  };
  const follow = async (): Promise<void> => {
    let lostAtMs = performance.now();
    while (!signal.aborted) {
      try {
        await readOnce(() => (lostAtMs = performance.now()));
      } catch (error) {
        if (signal.aborted) return;
        if (!isConnectionError(error) || performance.now() - lostAtMs > RECONNECT_LIMIT_MS) throw error;
        onLost();
      }
      if (!signal.aborted) await sleep(RECONNECT_DELAY_MS);
    }
  };
  follow().catch((error: unknown) => {
    failure = { error };
    wake();
  });
  return {
    read: async (waitMs) => {
      const deadlineMs = performance.now() + waitMs;
      while (arrived.length === 0 && failure === undefined && !signal.aborted && performance.now() < deadlineMs)
        await sleep(deadlineMs - performance.now());
      if (signal.aborted) return null;
      if (arrived.length === 0 && failure !== undefined) throw failure.error;
      const taken = arrived;
      arrived = [];
      wake();
      return taken;
    },
  };
}

/** Repeats a request while the API is away; null where the signal ended it. */
export async function retryWhileAway<T>(request: () => Promise<T>, { signal, onLost }: Following): Promise<T | null> {
  const startedAtMs = performance.now();
  for (;;) {
    try {
      return await request();
    } catch (error) {
      if (signal.aborted) return null;
      if (!isConnectionError(error) || performance.now() - startedAtMs > RECONNECT_LIMIT_MS) throw error;
      onLost();
      await new Promise((resolve) => {
        setTimeout(resolve, RECONNECT_DELAY_MS);
      });
    }
  }
}

/** Messages of a stream of server-sent events, in the form in which our API writes them: one line of data each. */
async function* readMessages(chunks: AsyncIterable<string>): AsyncGenerator<{ id?: string; data?: string }> {
  let text = '';
  for await (const chunk of chunks) {
    const messages = (text + chunk).split('\n\n');
    text = messages.pop() ?? '';
    for (const message of messages) {
      const fields = new Map(
        message.split('\n').map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 1).trimStart()]),
      );
      const id = fields.get('id');
      const data = fields.get('data');
      yield { ...(id !== undefined && { id }), ...(data !== undefined && { data }) };
    }
  }
}
