// Brings into the row of a workcell whether everything in it is stopped, by whom and why. The last word of a batch counts.

import { sql } from 'kysely';
import type { StopState } from '../../domain/workcells/stop-all.js';
import type { JournalRow } from '../../domain/wire/wire.js';
import type { Transaction } from '../connection/connect-database.js';
import { toText } from '../connection/postgres-text.js';

export async function projectStops(tx: Transaction, rows: readonly JournalRow[]): Promise<void> {
  const stop = rows.map(readStop).findLast((each) => each !== undefined);
  if (stop === undefined) return;
  await sql`update workcell set stop_all = ${JSON.stringify(stop.state)}::json where name = ${toText(stop.workcell)}`.execute(tx);
}

/** Undefined for other rows, and for a body that cannot be read. */
export function readStop({ kind, atMs, body }: JournalRow): { readonly workcell: string; readonly state: StopState } | undefined {
  const { workcell, isStopped, rev, by, reason } = body;
  if (kind !== 'STOP_ALL' || typeof workcell !== 'string' || typeof isStopped !== 'boolean' || typeof rev !== 'number') return undefined;
  const text = (value: unknown): string => (typeof value === 'string' ? value : '');
  return { workcell, state: { isStopped, rev, by: text(by), reason: text(reason), atMs, isJournaled: true } };
}
