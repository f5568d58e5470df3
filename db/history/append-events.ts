// The one door into history. Inserts and takes no lock; the sequencer gives `pos` (whole lab) and `seq` (per run) after the
// commit, so that both are gapless and become visible in their order.

import { sql, type RawBuilder } from 'kysely';
import type { NewEvent } from '../../domain/history/event.js';
import type { Transaction } from '../connection/connect-database.js';
import { toText } from '../connection/postgres-text.js';

/** Call this after the rows that the events tell of are locked: the order of those locks is then the order of the events. */
export async function appendEvents(tx: Transaction, events: readonly NewEvent[]): Promise<void> {
  if (events.length > 0) await sql`select ${toAppendCall(events)}`.execute(tx);
}

/** The same as an expression, for statements that save a round trip by appending in their own select. */
export function toAppendCall(events: readonly NewEvent[]): RawBuilder<null> {
  const told = events.map((event) => ({
    ...{ type: event.type, atMs: event.atMs, runId: event.runId },
    ...(event.callPath !== undefined && { callPath: toText(event.callPath) }),
    ...toAbout(event),
    // As a text in the text: what JSON may say, but no text of Postgres, passes unread.
    data: JSON.stringify(event.data),
  }));
  return sql<null>`append_events(${JSON.stringify(told)}::json)`;
}

/** The row other than its run that an event tells of: its revision, and what the row says, are added to the event where it is written. */
function toAbout({ type, data }: NewEvent): { about?: string } {
  const item = 'itemId' in data ? data.itemId : undefined;
  const about = type.startsWith('machine.') && 'machine' in data ? data.machine : item;
  return about === undefined ? {} : { about: toText(about) };
}
