// Tells the bridge of runs that were ended from outside: nothing of them begins any more, cleanups included, however late
// it comes. Told by state and not by message alone, so that none is forgotten while the worker was away.

import type { Database } from '../db/connect-database.js';
import { isRunOf, listLostRuns } from '../db/queries/lost-run.queries.js';
import { FINAL_HOLD_REV } from '../domain/wire.js';
import type { Logger } from '../platform/logging.js';
import type { BridgeClient } from '../workcell/bridge-client.js';

export interface FenceWorld {
  readonly db: Database;
  readonly bridge: Pick<BridgeClient, 'request'>;
  readonly workcell: string;
  readonly logger: Logger;
}

/** What the bridge knows of already. */
export type FencedRuns = Set<string>;

/** One run that is being ended, or all that were. Never rejects: the next run that ends has this tried again. */
export async function fenceLostRuns({ db, bridge, workcell, logger }: FenceWorld, fenced: FencedRuns, runId?: string): Promise<void> {
  try {
    const lost = runId === undefined ? await listLostRuns(db, workcell) : (await isRunOf(db, workcell, runId)) ? [runId] : [];
    for (const id of lost) {
      if (fenced.has(id)) continue;
      await bridge.request('run.hold', { runId: id, rev: FINAL_HOLD_REV, isHeld: true });
      fenced.add(id);
      logger.info({ runId: id }, 'nothing of the run that was ended from outside begins any more');
    }
  } catch (error) {
    logger.warn({ err: error, runId }, 'a run that was ended from outside is not fenced yet');
  }
}
