// Simulated consumables of a run that did not refresh them itself, because it was ended from outside or its
// bridge was away. The request id is that of the run's own refresh, so the bridge does it once at most.
// Its hold, if it has one, is lifted with it, but for a run that was ended from outside: nothing of that begins any more.

import type { Database } from '../db/connection/connect-database.js';
import { listenForNotifications, type Listener } from '../db/connection/listen.js';
import { OVER_CHANNEL } from '../db/runs/lost-run.queries.js';
import { listLastHolders, withUsedConsumables } from '../db/assets/replaceable.queries.js';
import { isUuid } from '../db/connection/postgres-text.js';
import { toReleaseRequestId } from '../domain/values/ids.js';
import type { Logger } from '../platform/logging.js';
import type { BridgeClient } from '../workcell/bridge-client.js';
import type { LostRunFence } from './fence-lost-runs.js';
import { liftHoldsOfEndedRuns } from './lift-holds.js';
import { limitBridgeAnswer } from '../workcell/limit-bridge-answer.js';

export interface RefreshWorld {
  readonly url: string;
  readonly db: Database;
  readonly bridge: BridgeClient;
  readonly workcell: string;
  readonly logger: Logger;
  readonly fence: LostRunFence;
}

/** Looks at each run that frees its assets; at the last holder of each item after a start, a lost connection and a machine's release. */
export function refreshConsumables(world: RefreshWorld): Listener {
  const { url, logger, bridge, fence } = world;
  return listenForNotifications({
    url,
    channels: ['praxis_freed', OVER_CHANNEL],
    onNotify: (channel, payload) => {
      if (channel === OVER_CHANNEL) {
        void fence.tell(bridge, payload);
        return;
      }
      // A machine given free is told by its name. A refresh that failed while it was busy is made up for then.
      const runId = payload !== undefined && isUuid(payload) ? payload : undefined;
      void refresh(world, runId);
      // A run that may not begin anything keeps its hold.
      void fence.tell(bridge).then(() => liftHoldsOfEndedRuns(world));
    },
    onError: (error) => {
      logger.warn({ err: error }, 'the listener for freed assets was cut off and connects again');
    },
  });
}

async function refresh(world: RefreshWorld, freedByRunId: string | undefined): Promise<void> {
  const { db, workcell, logger } = world;
  try {
    const runIds = freedByRunId === undefined ? await listLastHolders(db, workcell) : [freedByRunId];
    for (const runId of runIds) await refreshOf(world, runId);
  } catch (error) {
    logger.warn(
      { err: error, runId: freedByRunId },
      'consumables stay used; replace them, or release the machine to have this tried again',
    );
  }
}

async function refreshOf({ db, bridge, workcell, logger }: RefreshWorld, runId: string): Promise<void> {
  await withUsedConsumables(db, { workcell, runId }, async ({ fence, labware }) => {
    const asked = bridge.request('labware.replace', { requestId: toReleaseRequestId(runId), runId, labware, fence });
    await limitBridgeAnswer(asked, 'consumables may still become fresh');
    logger.debug({ runId, labware }, 'the consumables of the run are fresh');
  });
}
