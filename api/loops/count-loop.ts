// Folds what was noted of calls into the sums that statistics read, so that what they read stays small.

import type { Logger } from '../http/logger.js';
import { startPokedLoop, type PokedLoop } from '../live/notified-loop.js';
import type { Database } from '../../db/connection/connect-database.js';
import { foldCallCounts } from '../../db/protocols/statistics.queries.js';

const FOLD_INTERVAL_MS = 5_000;

export function startCountLoop({ db, logger }: { db: Database; logger: Logger }): PokedLoop {
  return startPokedLoop({
    intervalMs: FOLD_INTERVAL_MS,
    work: async () => {
      await foldCallCounts(db);
    },
    onError: (error) => {
      logger.warn({ err: error }, 'the statistics of calls could not be summed up; they are told from more rows');
    },
  });
}
