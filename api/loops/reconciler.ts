// Compares open run rows with Temporal: a run that was terminated from outside would otherwise hold its assets for
// ever. A run ends in Postgres before its workflow closes, so an open row behind a closed workflow is never closed
// by anybody else. A workflow that cannot be found is believed after two looks; a failed look is no ground to act.

import { endLostRun, type EndedState } from './end-lost-run.js';
import { startPokedLoop, type PokedLoop } from '../live/notified-loop.js';
import type { Logger } from '../http/logger.js';
import type { TemporalClient } from '../temporal/temporal-client.js';
import type { Database } from '../../db/connection/connect-database.js';
import { getRun, listStartedRunIds } from '../../db/runs/run.queries.js';
import type { Run } from '../../domain/runs/run.js';

const LOOK_INTERVAL_MS = 5000;
const PARALLEL_LOOKS_MAX = 8;

export function startReconciler(options: { db: Database; temporal: TemporalClient; logger: Logger; now: () => number }): PokedLoop {
  const { db, temporal, logger } = options;
  /** Runs whose workflow was missing at the last look, by id. */
  let suspects = new Set<string>();

  const reconcile = async (): Promise<void> => {
    const nextSuspects = new Set<string>();
    for await (const { run, state } of findEndedWorkflows(db, temporal)) {
      // The row was read before Temporal was asked; a run that ended in between is closed by now.
      const isCertain = state.phase === 'closed' ? (await getRun(db, run.id))?.endedAt === null : suspects.has(run.id);
      if (isCertain) await endLostRun(options, run, state);
      else nextSuspects.add(run.id);
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

/**
 * Open rows whose workflow is not open. Two lists tell which runs may be meant, however many are open; each of them is then asked
 * for by itself, since the list of Temporal may be behind. Throws when Temporal does not answer.
 */
async function* findEndedWorkflows(db: Database, temporal: TemporalClient): AsyncGenerator<{ run: Run; state: EndedState }> {
  const ids = await listStartedRunIds(db);
  if (ids.length === 0) return;
  const running = await temporal.listRunningIds();
  const doubtful = ids.filter((id) => !running.has(id));
  for (let first = 0; first < doubtful.length; first += PARALLEL_LOOKS_MAX) {
    const batch = doubtful.slice(first, first + PARALLEL_LOOKS_MAX);
    const looks = await Promise.all(batch.map(async (id) => ({ id, state: await temporal.describeRun(id) })));
    for (const { id, state } of looks) {
      const run = state.phase === 'open' ? undefined : await getRun(db, id);
      if (run !== undefined && state.phase !== 'open') yield { run, state };
    }
  }
}
