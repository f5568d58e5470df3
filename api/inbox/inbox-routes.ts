// Routes of the inbox: what waits for a person, and the answer.

import { answerItem, requireItem, withoutWorkflow, type AnswerWorld } from './answer-item.js';
import { defineRoute, type BoundRoute } from '../http/define-route.js';
import { ROUTES } from '../../contract/http/routes.js';
import { listItems } from '../../db/inbox/inbox.queries.js';

export function defineInboxRoutes(world: AnswerWorld): BoundRoute[] {
  const { db } = world;
  return [
    defineRoute(ROUTES.listInbox)(async ({ query: { limit, cursor, status, runId } }) => ({
      value: await listItems(db, {
        limit,
        ...(cursor !== undefined && { cursor }),
        ...(status !== undefined && { status }),
        ...(runId !== undefined && { runId }),
      }),
    })),
    defineRoute(ROUTES.getInboxItem)(async ({ params }) => ({ value: withoutWorkflow(await requireItem(db, params.id)) })),
    defineRoute(ROUTES.answerInboxItem)(async ({ params, body, user }) => ({
      value: await answerItem(world, params.id, { ...body, by: user }),
    })),
  ];
}
