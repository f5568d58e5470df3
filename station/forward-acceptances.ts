// Has the bridge take commands again when a person has looked and accepted its journal, and answers how it went.

import { listenForNotifications, type Listener } from '../db/connection/listen.js';
import type { Database } from '../db/connection/connect-database.js';
import { readAcceptanceRequest, type AcceptanceRequest } from '../db/losses/journal-loss.queries.js';
import { tellAnswer } from '../db/requests/reply.js';
import { LabError } from '../domain/errors/error.js';
import type { Logger } from '../platform/logging.js';
import type { BridgeClient } from '../workcell/bridge-client.js';
import type { JournalKeeper } from './journal-keeper.js';

export interface AcceptanceWorld {
  readonly url: string;
  readonly db: Database;
  /** One that greets nobody by itself: a greeting and an acceptance take turns. */
  readonly bridge: BridgeClient;
  readonly keeper: Pick<JournalKeeper, 'accept' | 'tellLoss'>;
  readonly workcell: string;
  readonly logger: Logger;
}

export function forwardAcceptances(world: AcceptanceWorld): Listener {
  const { logger, keeper } = world;
  return listenForNotifications({
    url: world.url,
    channels: ['praxis_journal'],
    onNotify: (_channel, payload) => {
      // Postgres is there again: it may have been away when the journal was found lost.
      if (payload === undefined) {
        keeper.tellLoss().catch((error: unknown) => {
          logger.warn({ err: error }, 'Postgres was not told of a lost journal yet');
        });
        return;
      }
      const request = readAcceptanceRequest(payload);
      if (request.workcell === world.workcell) void answer(world, request);
    },
    onError: (error) => {
      logger.warn({ err: error }, 'the listener for acceptances was cut off and connects again');
    },
  });
}

async function answer({ db, bridge, keeper, logger }: AcceptanceWorld, { requestId, by, note }: AcceptanceRequest): Promise<void> {
  let refusal: LabError | null = null;
  try {
    await keeper.accept(bridge, { by, note });
  } catch (error) {
    logger.warn({ err: error, by }, 'a journal was not accepted');
    refusal =
      error instanceof LabError
        ? error
        : new LabError('INTERNAL', { message: 'The workcell worker failed; its log has the details.', cause: error });
  }
  await tellAnswer(db, 'praxis_journal_answered', { requestId, error: refusal }).catch((lost: unknown) => {
    logger.error({ err: lost }, 'the asker was not told how it went and waits in vain');
  });
}
