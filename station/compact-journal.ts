// Has the bridge let go of journal rows that are safe in Postgres and that nobody asks for any more. The bridge says for which
// runs it keeps rows; which of them have ended stands in Postgres. A run that Postgres does not know keeps its rows.

import { setTimeout as sleep } from 'node:timers/promises';
import type { Database } from '../db/connection/connect-database.js';
import { isUuid } from '../db/connection/postgres-text.js';
import { listEndedAmong } from '../db/runs/run.queries.js';
import type { Logger } from '../platform/logging.js';
import type { BridgeClient } from '../workcell/bridge-client.js';

/** A look costs the bridge one search of its index for each run with rows. */
const LOOK_INTERVAL_MS = 60_000;

export interface CompactionWorld {
  readonly db: Database;
  readonly bridge: Pick<BridgeClient, 'request'>;
  readonly logger: Logger;
}

export function compactJournal({ db, bridge, logger }: CompactionWorld): { close(): Promise<void> } {
  const closed = new AbortController();
  const look = async (): Promise<void> => {
    const { runs } = await bridge.request('journal.compact', { endedRuns: [] });
    const endedRuns = await listEndedAmong(db, runs.filter(isUuid));
    if (endedRuns.length === 0) return;
    const { compactedRow } = await bridge.request('journal.compact', { endedRuns });
    logger.debug({ runs: endedRuns.length, compactedRow }, 'the journal let go of rows of ended runs');
  };
  const lookForEver = async (): Promise<void> => {
    while (!closed.signal.aborted) {
      await sleep(LOOK_INTERVAL_MS, undefined, { signal: closed.signal }).catch(() => undefined);
      if (closed.signal.aborted) return;
      await look().catch((error: unknown) => {
        logger.warn({ err: error }, 'the journal of the bridge keeps what it has until the next look');
      });
    }
  };
  const running = lookForEver();
  return {
    close: async () => {
      closed.abort();
      await running;
    },
  };
}
