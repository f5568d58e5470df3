// Folds what was noted of calls into the sums that statistics read, so that what they read stays small.

import type { Logger } from './logger.js';
import { startPokedLoop, type PokedLoop } from './poked-loop.js';
import type { Database } from '../db/connect-database.js';
import { foldCallCounts } from '../db/queries/statistics.queries.js';

const FOLD_INTERVAL_MS = 5_000;

export function startCountLoop({ db, logger }: { db: Database; logger: Logger }): PokedLoop {
  return startPokedLoop({
    intervalMs: FOLD_INTERVAL_MS,
    work: async () => { await foldCallCounts(db); },
    onError: (error) => { logger.warn({ err: error }, 'the statistics of calls could not be summed up; they are told from more rows'); },
  });
}
