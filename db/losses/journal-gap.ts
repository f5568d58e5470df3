// What a lost journal takes with it: commands that began after its newest row in Postgres and had ended before it was lost. Their
// runs have heard of them and go on; no list shows them. The person who accepts the journal, and each such run, is told.

import { sql } from 'kysely';
import type { NewEvent } from '../../domain/history/event.js';
import type { JournalGap, JournalLoss } from '../../domain/workcells/journal-identity.js';
import type { Transaction } from '../connection/connect-database.js';
import { toText } from '../connection/postgres-text.js';

/** Of more runs the newest are named; a workcell has far fewer open at once. */
const RUNS_NAMED_MAX = 1_000;

/** Undefined where it is not the journal that has forgotten. Read before another journal is accepted. */
export async function findGap(tx: Transaction, workcell: string, { isWhole }: JournalLoss): Promise<JournalGap | undefined> {
  if (isWhole) return undefined;
  const { rows } = await sql<{ since: Date | null; runs: string[] }>`
    with place as (
      select w.id, (select j.at from bridge b join journal_row j on j.bridge_id = b.id and j.row = b.last_row where b.id = w.journal_id) as since
      from workcell w where w.name = ${toText(workcell)})
    select since, array(
      select r.id::text from run r where r.workcell_id = place.id and (r.fence is not null or r.started_at is not null) and (r.ended_at is null or r.ended_at >= since)
      order by r.id desc limit ${RUNS_NAMED_MAX}) as runs
    from place`.execute(tx);
  const found = rows[0];
  return found && { since: found.since?.toISOString() ?? null, runs: found.runs };
}

/** One for each run: whoever looks at it later would take its list for whole. */
export function tellRuns({ since, runs }: JournalGap, { workcell, atMs }: { workcell: string; atMs: number }): NewEvent[] {
  const text = `The journal of ${workcell} was lost. Commands and calls of this run that ${since === null ? '' : `came after ${since} and `}had ended before the loss may stand in no list; the run has heard how they ended.`;
  return runs.map((runId) => ({ type: 'run.notified' as const, atMs, runId, data: { title: 'Commands may be missing', text } }));
}
