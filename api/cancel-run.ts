// Cancels a run: Temporal is asked, and the row says so. The workflow itself ends the run after its cleanups.

import { LOCAL_USER } from './local-user.js';
import type { TemporalClient } from './temporal-client.js';
import type { Database } from '../db/connect-database.js';
import { setRunStatus } from '../db/queries/run-status.js';
import { getRun } from '../db/queries/run.queries.js';
import { LabError } from '../domain/error.js';
import { isEndedRunStatus, type Run } from '../domain/run.js';

export interface CancelWorld {
  readonly db: Database;
  readonly temporal: Pick<TemporalClient, 'cancelRun'>;
  readonly now: () => number;
}

/** Throws RUN_ENDED, RUN_NOT_STARTED and TEMPORAL_UNAVAILABLE; then nothing was changed. Repeating it changes nothing. */
export async function cancelRun({ db, temporal, now }: CancelWorld, run: Run, reason: string): Promise<Run> {
  if (isEndedRunStatus(run.status)) throw new LabError('RUN_ENDED', { message: `The run has already ended as ${run.status}.`, field: 'id' });
  const isAsked = await temporal.cancelRun(run.id).catch((error: unknown) => {
    throw new LabError('TEMPORAL_UNAVAILABLE', { cause: error });
  });
  if (!isAsked) throw new LabError(run.startedAt === null ? 'RUN_NOT_STARTED' : 'RUN_ENDED', { field: 'id' });
  await setRunStatus(db, { runId: run.id, status: 'cancelling', atMs: now(), data: { by: LOCAL_USER, reason } });
  return (await getRun(db, run.id)) ?? run;
}
