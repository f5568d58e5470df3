// The one door into history. Inserts and takes no lock; the sequencer gives `pos` (whole lab) and `seq` (per run) after the
// commit, so that both are gapless and become visible in their order.

import { sql, type RawBuilder } from 'kysely';
import type { EventType, NewEvent } from '../../domain/history/event.js';
import type { Transaction } from '../connection/connect-database.js';
import { toText } from '../connection/postgres-text.js';

/** Call this after the rows that the events tell of are locked: the order of those locks is then the order of the events. */
export async function appendEvents(tx: Transaction, events: readonly NewEvent[]): Promise<void> {
  if (events.length > 0) await sql`select ${toAppendCall(events)}`.execute(tx);
}

/** The same as an expression, for statements that save a round trip by appending in their own select. */
export function toAppendCall(events: readonly NewEvent[]): RawBuilder<null> {
  const told = events.map(({ type, atMs, runId, callPath, data }) => ({
    ...{ type, atMs, runId },
    ...(callPath !== undefined && { callPath: toText(callPath) }),
    ...toAbout(type, data),
    // As a text in the text: what JSON may say, but no text of Postgres, passes unread.
    data: JSON.stringify(data),
  }));
  return sql<null>`append_events(${JSON.stringify(told)}::json)`;
}

/** The row other than its run that an event tells of: its revision, and what the row says, are added to the event where it is written. */
function toAbout(type: EventType, { itemId, machine }: NewEvent['data']): { about?: string } {
  const about = type.startsWith('machine.') ? machine : itemId;
  return typeof about === 'string' ? { about: toText(about) } : {};
}
