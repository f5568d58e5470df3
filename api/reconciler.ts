// Compares open run rows with Temporal: a run that was terminated from outside would otherwise hold its assets for
// ever. It closes a row only after two looks in a row, and never on the ground of a failed look.

import { startPokedLoop, type PokedLoop } from './poked-loop.js';
import type { Logger } from './logger.js';
import type { TemporalClient, WorkflowState } from './temporal-client.js';
import type { Database } from '../db/connect-database.js';
import { closeRun, listOpenRuns } from '../db/queries/run.queries.js';
import type { ErrorRecord } from '../domain/error.js';
import { ERRORS } from '../domain/error.js';

const LOOK_INTERVAL_MS = 5000;
const OPEN_RUNS_MAX = 1000;
const PARALLEL_LOOKS_MAX = 8;
/** A workflow this young may end between the look at its row and the look at Temporal. */
const YOUNGEST_MS = 10_000;

type OpenRun = Awaited<ReturnType<typeof listOpenRuns>>[number];
type Ended = Exclude<WorkflowState, { phase: 'open' }>;

export function startReconciler(options: { db: Database; temporal: TemporalClient; logger: Logger; now: () => number }): PokedLoop {
  const { db, temporal, logger, now } = options;
  /** Runs that looked ended at the last look, by id. */
  let suspects = new Set<string>();

  const reconcile = async (): Promise<void> => {
    const openRuns = await listOpenRuns(db, OPEN_RUNS_MAX);
    const old = openRuns.filter(({ startedAt }) => startedAt !== null && now() - Date.parse(startedAt) > YOUNGEST_MS);
    const seen = await lookAtAll(old, temporal);
    const nextSuspects = new Set<string>();
    for (const { run, state } of seen) {
      if (!suspects.has(run.id)) {
        nextSuspects.add(run.id);
        continue;
      }
      const error = describeEnd(state);
      const { closed } = await closeRun(db, { runId: run.id, status: 'failed', error, atMs: now(), quarantineMachines: [...run.machines] });
      if (closed) logger.warn({ runId: run.id, workflow: state }, 'a run that ended outside Praxis was closed and its machines quarantined');
    }
    suspects = nextSuspects;
  };
  return startPokedLoop({
    intervalMs: LOOK_INTERVAL_MS,
    work: reconcile,
    // One of the two cannot be reached: what is not known is no ground to act, and two looks must follow each other.
    onError: (error) => {
      suspects = new Set();
      logger.warn({ err: error }, 'runs could not be compared with Temporal');
    },
  });
}

/** The runs whose workflow is not open, looked at in parallel batches. Throws when Temporal does not answer. */
async function lookAtAll(runs: readonly OpenRun[], temporal: TemporalClient): Promise<{ run: OpenRun; state: Ended }[]> {
  const ended: { run: OpenRun; state: Ended }[] = [];
  for (let first = 0; first < runs.length; first += PARALLEL_LOOKS_MAX) {
    const batch = runs.slice(first, first + PARALLEL_LOOKS_MAX);
    const states = await Promise.all(batch.map(async (run) => ({ run, state: await temporal.describeRun(run.id) })));
    for (const { run, state } of states) if (state.phase !== 'open') ended.push({ run, state });
  }
  return ended;
}

function describeEnd(state: Ended): ErrorRecord {
  const message =
    state.phase === 'missing'
      ? 'Temporal no longer knows the workflow of this run.'
      : state.closedAs === 'COMPLETED'
        ? 'The workflow of this run completed without closing the run, so what it did last is not recorded.'
        : `The workflow of this run was ended outside Praxis (${state.closedAs.toLowerCase()}); no cleanup ran.`;
  return { code: 'RUN_TERMINATED', message, remedy: ERRORS.RUN_TERMINATED.remedy };
}
