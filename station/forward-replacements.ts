// Tells the bridge when a person has put a fresh item in the place of a used one. What the bridge did reaches
// the asker as the event of its journal row; what it refused is told at once.

import { listenForNotifications, type Listener } from '../db/connection/listen.js';
import type { Database } from '../db/connection/connect-database.js';
import { readReplacementRequest, refuseReplacement, withReplaceable, type ReplacementRequest } from '../db/requests/replacement.queries.js';
import { LabError } from '../domain/errors/error.js';
import type { Logger } from '../platform/logging.js';
import type { BridgeClient } from '../workcell/bridge-client.js';
import { limitBridgeAnswer } from '../workcell/limit-bridge-answer.js';

export interface ReplacementWorld {
  readonly url: string;
  readonly db: Database;
  readonly bridge: BridgeClient;
  readonly workcell: string;
  readonly logger: Logger;
}

export function forwardReplacements(world: ReplacementWorld): Listener {
  return listenForNotifications({
    url: world.url,
    channels: ['praxis_replace'],
    onNotify: (_channel, payload) => {
      // A request that came while the listener was away was answered with silence; the person repeats it.
      if (payload === undefined) return;
      const request = readReplacementRequest(payload);
      if (request.workcell === world.workcell) void answer(world, request);
    },
    onError: (error) => {
      world.logger.warn({ err: error }, 'the listener for replacements was cut off and connects again');
    },
  });
}

async function answer(world: ReplacementWorld, request: ReplacementRequest): Promise<void> {
  const { db, logger } = world;
  try {
    await replace(world, request);
    logger.info({ ...request }, 'a person put a fresh item in place');
  } catch (error) {
    logger.warn({ err: error, ...request }, 'a replacement was refused');
    const refusal =
      error instanceof LabError
        ? error
        : new LabError('INTERNAL', { message: 'The workcell worker failed; its log has the details.', cause: error });
    await refuseReplacement(db, request.requestId, refusal).catch((lost: unknown) => {
      logger.error({ err: lost, ...request }, 'the asker was not told of the refusal and waits in vain');
    });
  }
}

async function replace({ db, bridge }: ReplacementWorld, { requestId, labware }: ReplacementRequest): Promise<void> {
  await withReplaceable(db, labware, async (fence) => {
    await limitBridgeAnswer(
      bridge.request('labware.replace', { requestId, runId: null, labware: [labware], fence }),
      'the item may still be replaced',
    );
  });
}
