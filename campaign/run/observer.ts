// Writes down what somebody outside sees: a line for each thing, at once, on the clock of the tape.

import { appendFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Observation } from '../check/evidence.js';
import type { Client } from '../../contract/client/client.js';

/** An observation as it is seen; the time is added when it is written. */
export type Seen = Observation extends infer Each ? (Each extends Observation ? Omit<Each, 'atMs' | 'monoNs'> : never) : never;
export type Note = (seen: Seen) => void;

const STATUS_INTERVAL_MS = 250;
const RECONNECT_DELAY_MS = 200;

export function createNote(file: string): Note {
  return (seen) => {
    appendFileSync(file, `${JSON.stringify({ atMs: Date.now(), monoNs: Number(process.hrtime.bigint()), ...seen })}\n`);
  };
}

/** Follows the statuses of runs until the signal; notes each change. */
export async function watchStatuses(
  api: Client,
  options: { runs: () => readonly string[]; note: Note; signal: AbortSignal },
): Promise<void> {
  const last = new Map<string, string>();
  while (!options.signal.aborted) {
    for (const runId of options.runs()) {
      const run = await ask(() => api.getRun({ params: { id: runId } }));
      if (run === undefined || last.get(runId) === run.status) continue;
      last.set(runId, run.status);
      options.note({ what: 'status', runId, status: run.status });
    }
    await sleep(STATUS_INTERVAL_MS);
  }
}

/** A client of the live feed that comes back where it stopped, until the signal. */
export async function followFeed(api: Client, options: { client: string; note: Note; signal: AbortSignal }): Promise<void> {
  let lastId = '0';
  while (!options.signal.aborted) {
    try {
      const response = await fetch(api.toUrl('streamEvents', {}), {
        headers: { accept: 'text/event-stream', 'last-event-id': lastId },
        signal: options.signal,
      });
      let text = '';
      for await (const chunk of response.body?.pipeThrough(new TextDecoderStream()) ?? []) {
        const blocks = (text + chunk).split('\n\n');
        text = blocks.pop() ?? '';
        for (const block of blocks) lastId = noteEvent(block, options) ?? lastId;
      }
    } catch {
      // The API is away, which is what campaigns are about; it is asked again until the signal.
    }
    await sleep(RECONNECT_DELAY_MS);
  }
}

function noteEvent(block: string, { client, note }: { client: string; note: Note }): string | undefined {
  const fields = new Map(
    block.split('\n').map((line): [string, string] => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 1).trim()]),
  );
  const id = fields.get('id');
  const data = fields.get('data');
  if (id === undefined || data === undefined) return undefined;
  const event = JSON.parse(data) as { pos?: number; type?: string };
  if (event.pos !== undefined && event.type !== undefined) note({ what: 'feed', client, pos: event.pos, type: event.type });
  return id;
}

/** Undefined while nobody answers. */
export async function ask<T>(request: () => Promise<T>): Promise<T | undefined> {
  try {
    return await request();
  } catch {
    // Away, hanging or refused; the caller asks again.
    return undefined;
  }
}
