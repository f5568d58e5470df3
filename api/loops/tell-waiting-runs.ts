// Tells waiting runs that assets were freed, so that they ask again. A lost hint only delays: every waiting run that
// could be granted is told again after the interval.

import { startPokedLoop, type PokedLoop } from '../live/notified-loop.js';
import type { Logger } from '../http/logger.js';
import type { TemporalClient } from '../temporal/temporal-client.js';
import type { Database } from '../../db/connection/connect-database.js';
import { listGrantableRuns } from '../../db/runs/reservation.queries.js';

const REPEAT_INTERVAL_MS = 30_000;
const SIGNALS_MAX = 64;

export function startFreedSignaller(options: { db: Database; temporal: TemporalClient; logger: Logger }): PokedLoop {
  const { db, temporal, logger } = options;
  const signalGrantableRuns = async (): Promise<void> => {
    const runIds = await listGrantableRuns(db, SIGNALS_MAX);
    // A run without a workflow yet needs no signal: it asks for its assets when it begins.
    await Promise.all(runIds.map((runId) => temporal.signalAssetsFreed(runId)));
  };
  return startPokedLoop({
    intervalMs: REPEAT_INTERVAL_MS,
    work: signalGrantableRuns,
    onError: (error) => logger.warn({ err: error }, 'waiting runs could not be told that assets are free'),
  });
}
