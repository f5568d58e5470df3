// The one door into history. Takes one advisory transaction lock, so that `pos` (whole lab) and `seq`
// (per run) are gapless and become visible in their order; wakes listeners when the transaction commits.

import { sql, type RawBuilder } from 'kysely';
import type { NewEvent } from '../../domain/event.js';
import type { Transaction } from '../connect-database.js';
import { toText } from '../postgres-text.js';

/** The lock lasts until the transaction ends: call this last. Returns the position of the last event. */
export async function appendEvents(tx: Transaction, events: readonly NewEvent[]): Promise<number | undefined> {
  if (events.length === 0) return undefined;
  const { rows } = await sql<{ pos: number }>`select ${toAppendCall(events)} as pos`.execute(tx);
  return rows[0]?.pos;
}

/** The same as an expression, for statements that save a round trip by appending in their own select. */
export function toAppendCall(events: readonly NewEvent[]): RawBuilder<number> {
  const told = events.map(({ type, atMs, runId, callPath, data }) => ({
    ...{ type, atMs, runId },
    ...(callPath !== undefined && { callPath: toText(callPath) }),
    // As a text in the text: what JSON may say, but no text of Postgres, passes unread.
    data: JSON.stringify(data),
  }));
  return sql<number>`append_events(${JSON.stringify(told)}::json)`;
}
