// Pauses, resumes and cancels a run: a signal to its workflow, which acts and tells the status. Only a cancel, which
// nobody takes back, is shown at once.

import type { TemporalClient } from './temporal-client.js';
import type { Database } from '../db/connect-database.js';
import { setRunStatus } from '../db/queries/run-status.js';
import { getRun } from '../db/queries/run.queries.js';
import { CANCEL_SIGNAL, PAUSE_SIGNAL, RESUME_SIGNAL } from '../domain/control.js';
import { LabError } from '../domain/error.js';
import { isEndedRunStatus, type Run } from '../domain/run.js';

const SIGNALS = { pause: PAUSE_SIGNAL, resume: RESUME_SIGNAL, cancel: CANCEL_SIGNAL } as const;
export type Control = keyof typeof SIGNALS;

export interface ControlWorld {
  readonly db: Database;
  readonly temporal: Pick<TemporalClient, 'signalRun'>;
  readonly now: () => number;
}

/** Throws RUN_ENDED, RUN_NOT_STARTED and TEMPORAL_UNAVAILABLE; then nothing was changed. Repeating it changes nothing. */
export async function controlRun({ db, temporal, now }: ControlWorld, run: Run, wish: { control: Control; reason: string; by: string }): Promise<Run> {
  if (isEndedRunStatus(run.status)) throw new LabError('RUN_ENDED', { message: `The run has already ended as ${run.status}.`, field: 'id' });
  const given = { by: wish.by, reason: wish.reason };
  const isTaken = await temporal.signalRun(run.id, SIGNALS[wish.control], given).catch((error: unknown) => {
    throw new LabError('TEMPORAL_UNAVAILABLE', { cause: error });
  });
  if (!isTaken) throw new LabError(run.startedAt === null ? 'RUN_NOT_STARTED' : 'RUN_ENDED', { field: 'id' });
  if (wish.control === 'cancel') await setRunStatus(db, { runId: run.id, status: 'cancelling', atMs: now(), data: given });
  return (await getRun(db, run.id)) ?? run;
}
