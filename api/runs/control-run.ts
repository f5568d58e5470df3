// Pauses, resumes and cancels a run: a signal to its workflow, which acts and tells the status. Only a cancel, which
// nobody takes back, is shown at once. A run that Temporal does not have yet is started with the wish as its first signal.

import type { TemporalClient } from '../temporal/temporal-client.js';
import type { Database } from '../../db/connection/connect-database.js';
import { setRunStatus } from '../../db/runs/run-status.js';
import { findUnstartedRun, getRun } from '../../db/runs/run.queries.js';
import { CANCEL_SIGNAL, PAUSE_SIGNAL, RESUME_SIGNAL } from '../../domain/runs/control.js';
import { LabError } from '../../domain/errors/error.js';
import { isEndedRunStatus, type Run } from '../../domain/runs/run.js';

const SIGNALS = { pause: PAUSE_SIGNAL, resume: RESUME_SIGNAL, cancel: CANCEL_SIGNAL } as const;
export type Control = keyof typeof SIGNALS;

export interface ControlWorld {
  readonly db: Database;
  readonly temporal: Pick<TemporalClient, 'signalRun' | 'signalRunFromStart'>;
  readonly now: () => number;
}

interface Wish {
  readonly control: Control;
  readonly reason: string;
  readonly by: string;
}

/** Throws RUN_ENDED and TEMPORAL_UNAVAILABLE; then nothing was changed. Repeating it changes nothing. */
export async function controlRun(world: ControlWorld, run: Run, wish: Wish): Promise<Run> {
  if (isEndedRunStatus(run.status))
    throw new LabError('RUN_ENDED', { message: `The run has already ended as ${run.status}.`, field: 'id' });
  const { db, now } = world;
  const given = { by: wish.by, reason: wish.reason };
  if (!(await signal(world, run, wish))) throw new LabError('RUN_ENDED', { field: 'id' });
  if (wish.control === 'cancel') await setRunStatus(db, { runId: run.id, status: 'cancelling', atMs: now(), data: given });
  return (await getRun(db, run.id)) ?? run;
}

/** False where no workflow of the run is open, and none will be. */
async function signal({ db, temporal }: ControlWorld, run: Run, { control, by, reason }: Wish): Promise<boolean> {
  const send = (): Promise<boolean> => askTemporal(() => temporal.signalRun(run.id, SIGNALS[control], { by, reason }));
  if (await send()) return true;
  if (run.startedAt !== null) return false;
  const unstarted = await findUnstartedRun(db, run.id);
  // Where its row says by now that it was started, the workflow is there to hear it.
  if (unstarted === undefined) return send();
  return askTemporal(() => temporal.signalRunFromStart(unstarted, SIGNALS[control], { by, reason }));
}

async function askTemporal(ask: () => Promise<boolean>): Promise<boolean> {
  try {
    return await ask();
  } catch (error) {
    throw new LabError('TEMPORAL_UNAVAILABLE', { cause: error });
  }
}
