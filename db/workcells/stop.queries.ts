// What is known of a stop of everything in a workcell, and which runs have yet to hear of it.

import { sql } from 'kysely';
import { LabError } from '../../domain/errors/error.js';
import type { StopState } from '../../domain/workcells/stop-all.js';
import type { Database } from '../connection/connect-database.js';
import { toText } from '../connection/postgres-text.js';

/** More runs than this hear of a stop later; nothing of them begins meanwhile. */
const TOLD_AT_ONCE_RUNS = 200;

export interface WorkcellStop extends StopState {
  readonly workcell: string;
}

const NEVER_STOPPED: StopState = { isStopped: false, rev: 0, by: '', reason: '', atMs: null, isJournaled: true };

/** As the bridge last told it. Throws WORKCELL_NOT_FOUND. */
export async function getWorkcellStop(db: Database, workcell: string): Promise<WorkcellStop> {
  const { rows } = await sql<{ name: string; stop: StopState | null }>`
    select name, stop_all as stop from workcell where name = ${toText(workcell)}`.execute(db);
  const found = rows[0];
  if (found === undefined) throw new LabError('WORKCELL_NOT_FOUND', { message: `There is no workcell '${workcell}'.`, field: 'workcell' });
  return { workcell: found.name, ...(found.stop ?? NEVER_STOPPED) };
}

/** Runs of a workcell that Temporal has, have not ended, and are held by a stop of everything although they should not be, or not although they should. */
export async function listRunsToTell(db: Database, workcell: string, isStopped: boolean): Promise<readonly string[]> {
  const { rows } = await sql<{ id: string }>`
    select r.id from run r join workcell w on w.id = r.workcell_id
    where w.name = ${workcell} and r.ended_at is null and r.workflow_run_id is not null and ('stop-all' = any(r.pause_reasons)) <> ${isStopped}
    order by r.created_at limit ${TOLD_AT_ONCE_RUNS}`.execute(db);
  return rows.map(({ id }) => id);
}
