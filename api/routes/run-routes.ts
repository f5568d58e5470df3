// Routes of runs: start, read, follow.

import { cancelRun } from '../cancel-run.js';
import { LOCAL_USER } from '../local-user.js';
import { defineRoute, type BoundRoute } from '../define-route.js';
import type { EventHub } from '../event-hub.js';
import { isUuid } from '../new-run-id.js';
import type { TemporalClient } from '../temporal-client.js';
import { hashStartRequest, requireStartable } from '../start-request.js';
import { API_PREFIX, ROUTES } from '../contract/routes.js';
import type { Database } from '../../db/connect-database.js';
import { getCallTree } from '../../db/queries/call.queries.js';
import { listCommands } from '../../db/queries/command.queries.js';
import { createRun } from '../../db/queries/create-run.js';
import { listEvents } from '../../db/queries/event.queries.js';
import { getRun, listRuns, type UnstartedRun } from '../../db/queries/run.queries.js';
import { LabError } from '../../domain/error.js';
import type { Run } from '../../domain/run.js';

export interface RunRouteWorld {
  readonly db: Database;
  readonly temporal: Pick<TemporalClient, 'cancelRun'>;
  readonly hub: EventHub;
  readonly now: () => number;
  readonly newRunId: () => string;
  /** Called once the row of a new run is committed. */
  readonly onRunCreated: (run: UnstartedRun) => void;
}

export function defineRunRoutes(world: RunRouteWorld): BoundRoute[] {
  const { db, hub } = world;
  return [
    defineStartRoute(world),
    defineRoute(ROUTES.listRuns)(async ({ query: { limit, cursor, status, protocol } }) => ({
      value: await listRuns(db, {
        limit,
        ...(cursor !== undefined && { cursor }),
        ...(status !== undefined && { status }),
        ...(protocol !== undefined && { protocol }),
      }),
    })),
    defineRoute(ROUTES.getRun)(async ({ params }) => ({ value: await requireRun(db, params.id) })),
    defineRoute(ROUTES.getCalls)(async ({ params }) => {
      await requireRun(db, params.id);
      return { value: (await getCallTree(db, params.id)) ?? null };
    }),
    defineRoute(ROUTES.listCommands)(async ({ params, query: { limit, cursor } }) => {
      await requireRun(db, params.id);
      return { value: await listCommands(db, params.id, { limit, ...(cursor !== undefined && { cursor }) }) };
    }),
    defineRoute(ROUTES.cancelRun)(async ({ params, body }) => {
      return { value: await cancelRun(world, await requireRun(db, params.id), body.reason) };
    }),
    defineRoute(ROUTES.listEvents)(async ({ params, query: { after, limit, waitMs }, signal }) => {
      await requireRun(db, params.id);
      const read = () => listEvents(db, { runId: params.id, after, limit });
      const items = await hub.readWhenThere(read, { waitMs, signal });
      const last = items.at(-1);
      return { value: { items, ...(last !== undefined && { nextCursor: String(last.pos) }) } };
    }),
  ];
}

function defineStartRoute(world: RunRouteWorld): BoundRoute {
  return defineRoute(ROUTES.startRun)(async ({ body, headers }) => {
    const { definition, parameters } = await requireStartable(world.db, body);
    const idempotencyKey = headers['idempotency-key'];
    const answer = await createRun(world.db, {
      id: world.newRunId(),
      definition,
      parameters,
      requestedAssets: body.assets,
      createdBy: LOCAL_USER,
      priority: body.priority,
      ...(idempotencyKey !== undefined && { idempotencyKey }),
      requestHash: hashStartRequest(body),
      atMs: world.now(),
    });
    // The answer does not wait for Temporal: the row is the promise, the starter loop keeps it.
    if (answer.created) world.onRunCreated(answer.unstarted);
    return { value: answer.run, status: answer.created ? 201 : 200, location: `${API_PREFIX}/runs/${answer.run.id}` };
  });
}

async function requireRun(db: Database, id: string): Promise<Run> {
  const run = isUuid(id) ? await getRun(db, id) : undefined;
  if (run) return run;
  throw new LabError('RUN_NOT_FOUND', { message: `There is no run '${id}'.`, field: 'id' });
}
