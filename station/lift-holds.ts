// Holds in the bridge of runs that have ended without lifting theirs, because they were ended from outside or never had
// their assets. Told by state and not by message, so that none is forgotten while the worker was away.

import type { Database } from '../db/connection/connect-database.js';
import { listEndedAmong } from '../db/runs/run.queries.js';
import { FINAL_HOLD_REV } from '../domain/wire/wire.js';
import type { Logger } from '../platform/logging.js';
import type { BridgeClient } from '../workcell/bridge-client.js';

export interface HoldWorld {
  readonly db: Database;
  readonly bridge: Pick<BridgeClient, 'request'>;
  readonly logger: Logger;
}

/** Never rejects: the next run that ends has this tried again. */
export async function liftHoldsOfEndedRuns({ db, bridge, logger }: HoldWorld): Promise<void> {
  try {
    const { heldRuns } = await bridge.request('hello', {});
    if (heldRuns.length === 0) return;
    for (const runId of await listEndedAmong(db, heldRuns)) {
      await bridge.request('run.hold', { runId, rev: FINAL_HOLD_REV, isHeld: false });
      logger.debug({ runId }, 'the hold of the ended run is lifted');
    }
  } catch (error) {
    logger.warn({ err: error }, 'holds of ended runs stay in the bridge until the next run ends');
  }
}
