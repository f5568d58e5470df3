// Tells the bridge where a person has put labware, and answers once the new place is in Postgres too.

import type { JournalShipper } from '../activities/journal-shipper.js';
import { listenForNotifications, type Listener } from '../db/connection/listen.js';
import type { Database } from '../db/connection/connect-database.js';
import { answerPlacement, readPlacementRequest, type PlacementRequest } from '../db/requests/placement.queries.js';
import { withReplaceable } from '../db/requests/replacement.queries.js';
import { LabError } from '../domain/errors/error.js';
import type { Logger } from '../platform/logging.js';
import type { BridgeClient } from '../workcell/bridge-client.js';
import { limitBridgeAnswer } from '../workcell/limit-bridge-answer.js';

export interface PlacementWorld {
  readonly url: string;
  readonly db: Database;
  readonly bridge: BridgeClient;
  readonly shipper: Pick<JournalShipper, 'catchUp'>;
  readonly workcell: string;
  readonly logger: Logger;
}

export function forwardPlacements(world: PlacementWorld): Listener {
  return listenForNotifications({
    url: world.url,
    channels: ['praxis_place'],
    onNotify: (_channel, payload) => {
      // A request that came while the listener was away was answered with silence; the person repeats it.
      if (payload === undefined) return;
      const request = readPlacementRequest(payload);
      if (request.workcell === world.workcell) void answer(world, request);
    },
    onError: (error) => {
      world.logger.warn({ err: error }, 'the listener for placements was cut off and connects again');
    },
  });
}

async function answer(world: PlacementWorld, request: PlacementRequest): Promise<void> {
  const { db, logger } = world;
  let refusal: LabError | null = null;
  try {
    await place(world, request);
    logger.info({ ...request }, 'a person said where labware stands');
  } catch (error) {
    logger.warn({ err: error, ...request }, 'a placement was refused');
    refusal =
      error instanceof LabError
        ? error
        : new LabError('INTERNAL', { message: 'The workcell worker failed; its log has the details.', cause: error });
  }
  await answerPlacement(db, request.requestId, refusal).catch((lost: unknown) => {
    logger.error({ err: lost, ...request }, 'the asker was not told how the placement went and waits in vain');
  });
}

async function place({ db, bridge, shipper }: PlacementWorld, { requestId, labware, location, by, note }: PlacementRequest): Promise<void> {
  await withReplaceable(db, labware, async (fence) => {
    await limitBridgeAnswer(
      bridge.request('labware.place', { requestId, labware, location, fence, by, note }),
      `${labware} may still be placed`,
    );
  });
  await shipper.catchUp();
}
