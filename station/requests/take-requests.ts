// Takes what people ask of this workcell, has it done by the file of its kind, and answers. Requests wait in Postgres: one that came
// while this worker was away is done as soon as it is back, if its asker still waits.

import { isRequestName, REQUESTS } from '../../contract/requests/requests.js';
import type { RequestKind } from '../../contract/requests/request-kind.js';
import { listenForNotifications, type Listener } from '../../db/connection/listen.js';
import {
  forgetOldRequests,
  replyToRequest,
  REQUEST_CHANNEL,
  takeRequests as takeOpen,
  type TakenRequest,
} from '../../db/requests/workcell-request.queries.js';
import { LabError } from '../../domain/errors/error.js';
import { PERFORMERS } from './performers.js';
import type { Perform, RequestWorld } from './request-world.js';

/** An answer has to be read while its asker still waits; a driver is given 5 s to answer its stop. */
const ANSWER_MARGIN_MS = 5_000;

export interface TakingWorld extends RequestWorld {
  readonly url: string;
  readonly answerMarginMs?: number;
}

export function takeRequests(world: TakingWorld): Listener {
  const { url, db, workcell, logger } = world;
  const underWay = new Set<Promise<void>>();
  let taking: Promise<void> = Promise.resolve();
  const take = async (): Promise<void> => {
    // Side by side: a stop waits for nothing.
    for (const request of await takeOpen(db, workcell)) {
      const work = answer(world, request).finally(() => underWay.delete(work));
      underWay.add(work);
    }
  };
  const look = (): void => {
    taking = taking.then(take).catch((error: unknown) => {
      logger.warn(
        { err: error },
        'what people ask of this workcell could not be read; the next request, or the next connection, looks again',
      );
    });
  };
  forgetOldRequests(db).catch((error: unknown) => logger.warn({ err: error }, 'old requests were not forgotten'));
  const listener = listenForNotifications({
    url,
    channels: [REQUEST_CHANNEL],
    onNotify: (_channel, asked) => {
      if (asked === undefined || asked === workcell) look();
    },
    onError: (error) => logger.warn({ err: error }, 'the listener for requests was cut off and connects again'),
  });
  return {
    close: async () => {
      await listener.close();
      await taking;
    },
  };
}

async function answer(world: TakingWorld, request: TakenRequest): Promise<void> {
  const { db, logger } = world;
  const { id, kind, by, body } = request;
  const refusal = await perform(world, request).then(
    () => null,
    (error: unknown) => error,
  );
  if (refusal === null) logger.info({ kind, by, ...body }, 'what a person asked for is done');
  else logger.warn({ err: refusal, kind, by, ...body }, 'what a person asked for was refused');
  await replyToRequest(db, id, refusal === null ? null : toRefusal(refusal)).catch((error: unknown) => {
    logger.error({ err: error, kind, by }, 'the asker was not told how it went and waits in vain');
  });
}

async function perform(world: TakingWorld, { id, kind, body, by, leftMs }: TakenRequest): Promise<void> {
  if (!isRequestName(kind))
    throw new LabError('INTERNAL', { message: `This workcell worker knows no request of the kind ${kind}: it is of an earlier version.` });
  // The body was read by the schema of the very kind whose file is called.
  const known = (REQUESTS[kind] as RequestKind<(typeof REQUESTS)[typeof kind]['body']>).body.parse(body);
  const end = AbortSignal.timeout(Math.max(0, Math.floor(leftMs - (world.answerMarginMs ?? ANSWER_MARGIN_MS))));
  await (PERFORMERS[kind] as Perform<typeof known>)(world, known, { id, by, end });
}

function toRefusal(error: unknown): LabError {
  return error instanceof LabError
    ? error
    : new LabError('INTERNAL', { message: 'The workcell worker failed; its log has the details.', cause: error });
}
