// Simulated consumables of a run that did not refresh them itself, because it was ended from outside or its
// bridge was away. The request id is that of the run's own refresh, so the bridge does it once at most.
// Its hold, if it has one, is lifted with it.

import type { Database } from '../db/connect-database.js';
import { listenForNotifications, type Listener } from '../db/listen.js';
import { findUsedConsumables } from '../db/queries/replacement.queries.js';
import { isUuid } from '../db/postgres-text.js';
import { toReleaseRequestId } from '../domain/ids.js';
import { LabError } from '../domain/error.js';
import type { Logger } from '../platform/logging.js';
import type { BridgeClient } from '../workcell/bridge-client.js';
import { liftHoldsOfEndedRuns } from './lift-holds.js';

export interface RefreshWorld {
  readonly url: string;
  readonly db: Database;
  readonly bridge: BridgeClient;
  readonly workcell: string;
  readonly logger: Logger;
}

/** Looks at each run that frees its assets; at the newest one after a start, a lost connection and a machine's release. */
export function refreshConsumables(world: RefreshWorld): Listener {
  const { url, logger } = world;
  return listenForNotifications({
    url,
    channels: ['praxis_freed'],
    onNotify: (_channel, payload) => {
      // A machine given free is told by its name. A refresh that failed while it was busy is made up for then.
      const runId = payload !== undefined && isUuid(payload) ? payload : undefined;
      void refresh(world, runId);
      void liftHoldsOfEndedRuns(world);
    },
    onError: (error) => { logger.warn({ err: error }, 'the listener for freed assets was cut off and connects again'); },
  });
}

async function refresh({ db, bridge, workcell, logger }: RefreshWorld, freedByRunId: string | undefined): Promise<void> {
  try {
    const used = await findUsedConsumables(db, workcell, freedByRunId);
    if (used === undefined) return;
    const { runId, fence, labware } = used;
    await bridge.request('labware.replace', { requestId: toReleaseRequestId(runId), runId, labware, fence });
    logger.debug({ runId, labware }, 'the consumables of the run are fresh');
  } catch (error) {
    if (error instanceof LabError && error.code === 'STALE_FENCE') {
      logger.info({ runId: freedByRunId, reason: error.message }, 'a later run is at work; what the run used stays used');
      return;
    }
    logger.warn({ err: error, runId: freedByRunId }, 'consumables stay used; replace them, or release the machine to have this tried again');
  }
}
