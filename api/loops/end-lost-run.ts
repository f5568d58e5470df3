// A run that was ended from outside: its machines refuse what is still on its way, the calls that it left behind are ended,
// and its row is closed. Done again from the start where it was cut off: each step is one that may be repeated.

import { endBelow, type EndingClient } from './end-below.js';
import type { Logger } from '../http/logger.js';
import type { WorkflowState } from '../temporal/workflow-outcomes.js';
import type { Database } from '../../db/connection/connect-database.js';
import { tellRunIsOver } from '../../db/runs/lost-run.queries.js';
import { closeRun } from '../../db/runs/run-status.js';
import { ERRORS, isErrorCode, type ErrorRecord } from '../../domain/errors/error.js';
import type { Run } from '../../domain/runs/run.js';
import { cutText, MESSAGE_LIMIT_CHARACTERS } from '../../domain/values/thrown.js';

export type EndedState = Exclude<WorkflowState, { phase: 'open' }>;

export interface LostRunWorld {
  readonly db: Database;
  readonly temporal: EndingClient;
  readonly logger: Logger;
  readonly now: () => number;
}

export async function endLostRun({ db, temporal, logger, now }: LostRunWorld, run: Run, state: EndedState): Promise<void> {
  // First, so that nothing begins while its calls are ended one by one; told once more when its row is closed.
  await tellRunIsOver(db, run.id);
  const ended = await endBelow(temporal, run.id, [run.id]);
  const { closed } = await closeRun(db, {
    runId: run.id,
    status: 'failed',
    error: describeEnd(state),
    atMs: now(),
    quarantineMachines: findHeldMachines(run),
  });
  if (closed || ended.length > 0)
    logger.warn(
      { runId: run.id, workflow: state, calls: ended.length },
      'a run that ended outside Praxis was closed and its machines quarantined',
    );
}

/** A run that still waits for its assets has touched none of them. */
function findHeldMachines(run: Run): string[] {
  if (run.status === 'queued') return [];
  return Object.values(run.assets).flatMap(({ id, kind }) => (kind === 'machine' ? [id] : []));
}

function describeEnd(state: EndedState): ErrorRecord {
  if (state.phase === 'closed' && state.failure) {
    const { code, message } = state.failure;
    const known = isErrorCode(code) ? code : 'PROTOCOL_ERROR';
    return {
      code: known,
      message: cutText(`${message} The run ended without its cleanups.`, MESSAGE_LIMIT_CHARACTERS),
      remedy: ERRORS[known].remedy,
    };
  }
  const message =
    state.phase === 'missing'
      ? 'Temporal no longer knows the workflow of this run.'
      : state.closedAs === 'COMPLETED'
        ? 'The workflow of this run completed without closing the run, so what it did last is not recorded.'
        : `The workflow of this run was ended outside Praxis (${state.closedAs.toLowerCase()}); no cleanup ran.`;
  return { code: 'RUN_TERMINATED', message, remedy: ERRORS.RUN_TERMINATED.remedy };
}
