// Routes of runs: start, read, follow, control, continue.

import { continueRun, type ContinueWorld } from './continue-run.js';
import { controlRun, type Control } from './control-run.js';
import { defineRoute, type BoundRoute } from '../http/define-route.js';
import type { EventHub } from '../live/event-hub.js';
import { requireRun } from './require-run.js';
import type { TemporalClient } from '../temporal/temporal-client.js';
import { hashStartRequest, requireStartable } from './start-request.js';
import { API_PREFIX } from '../../contract/words/api.js';
import { ROUTES } from '../../contract/http/routes.js';
import type { Database } from '../../db/connection/connect-database.js';
import { getCallTree } from '../../db/runs/call.queries.js';
import { listCommands } from '../../db/runs/command.queries.js';
import { createRun, type CreatedRun } from '../../db/runs/create-run.js';
import { listEventsAfter, waitUntilPlaced } from '../../db/history/event.queries.js';
import { getRunState, listRunData } from '../../db/runs/run-data.queries.js';
import { listRuns, type UnstartedRun } from '../../db/runs/run.queries.js';
import { toShownPath } from '../../domain/runs/call-path.js';
import type { Run } from '../../domain/runs/run.js';

export interface RunRouteWorld extends ContinueWorld {
  readonly temporal: Pick<TemporalClient, 'signalRun' | 'signalRunFromStart' | 'queryLedger' | 'isReachable'>;
  readonly hub: EventHub;
  /** Called once the row of a new run is committed. */
  readonly onRunCreated: (run: UnstartedRun) => void;
}

export function defineRunRoutes(world: RunRouteWorld): BoundRoute[] {
  const { db, hub } = world;
  return [
    defineStartRoute(world),
    defineContinueRoute(world),
    ...defineControlRoutes(world),
    ...defineReadRoutes(db),
    defineRoute(ROUTES.listEvents)(async ({ params, query: { after, limit, waitMs }, signal }) => {
      await requireRun(db, params.id);
      await waitUntilPlaced(db);
      const read = () => listEventsAfter(db, { runId: params.id, after, limit });
      const items = await hub.readWhenThere(read, { waitMs, signal });
      const last = items.at(-1);
      return { value: { items, ...(last !== undefined && { nextCursor: String(last.pos) }) } };
    }),
  ];
}

function defineReadRoutes(db: Database): BoundRoute[] {
  return [
    defineRoute(ROUTES.listRuns)(async ({ query: { limit, cursor, status, protocol, underRunId, count, mine, since }, user }) => ({
      value: await listRuns(db, {
        limit,
        isCounted: count === 'true',
        ...(cursor !== undefined && { cursor }),
        ...(status !== undefined && { status }),
        ...(protocol !== undefined && { protocol }),
        ...(underRunId !== undefined && { underRunId }),
        ...(mine !== undefined && { createdBy: user }),
        ...(since !== undefined && { since: new Date(since) }),
      }),
    })),
    defineRoute(ROUTES.getRun)(async ({ params }) => ({ value: await requireRun(db, params.id) })),
    defineRoute(ROUTES.getCalls)(async ({ params, query: { path, after, limit } }) => {
      const run = await requireRun(db, params.id);
      const shown = path === undefined ? undefined : toShownPath(path, run);
      return { value: (await getCallTree(db, params.id, { path: shown, after, limit })) ?? null };
    }),
    defineRoute(ROUTES.listCommands)(async ({ params, query: { limit, cursor } }) => {
      await requireRun(db, params.id);
      return { value: await listCommands(db, params.id, { limit, ...(cursor !== undefined && { cursor }) }) };
    }),
    defineRoute(ROUTES.getRunState)(async ({ params }) => {
      await requireRun(db, params.id);
      return { value: await getRunState(db, params.id) };
    }),
    defineRoute(ROUTES.listRunData)(async ({ params, query: { limit, cursor } }) => {
      await requireRun(db, params.id);
      return { value: await listRunData(db, { runId: params.id, limit, ...(cursor !== undefined && { cursor }) }) };
    }),
  ];
}

function defineControlRoutes(world: RunRouteWorld): BoundRoute[] {
  const control = async (id: string, wish: { control: Control; reason: string; by: string }) => ({
    value: await controlRun(world, await requireRun(world.db, id), wish),
  });
  return [
    defineRoute(ROUTES.pauseRun)(({ params, body, user }) => control(params.id, { control: 'pause', reason: body.reason, by: user })),
    defineRoute(ROUTES.resumeRun)(({ params, body, user }) => control(params.id, { control: 'resume', reason: body.reason, by: user })),
    defineRoute(ROUTES.cancelRun)(({ params, body, user }) => control(params.id, { control: 'cancel', reason: body.reason, by: user })),
  ];
}

function defineContinueRoute(world: RunRouteWorld): BoundRoute {
  return defineRoute(ROUTES.continueRun)(async ({ params, body, headers, user }) => {
    const idempotencyKey = headers['idempotency-key'];
    const old = await requireRun(world.db, params.id);
    return tellCreated(
      world,
      await continueRun(world, old, {
        ...body,
        from: toShownPath(body.from, old),
        by: user,
        ...(idempotencyKey !== undefined && { idempotencyKey }),
      }),
    );
  });
}

function defineStartRoute(world: RunRouteWorld): BoundRoute {
  return defineRoute(ROUTES.startRun)(async ({ body, headers, user }) => {
    const { definition, parameters } = await requireStartable(world.db, body);
    const idempotencyKey = headers['idempotency-key'];
    const answer = await createRun(world.db, {
      id: world.newRunId(),
      definition,
      parameters,
      requestedAssets: body.assets,
      createdBy: user,
      priority: body.priority,
      timeScale: body.timeScale,
      ...(idempotencyKey !== undefined && { idempotencyKey }),
      requestHash: hashStartRequest(body),
      atMs: world.now(),
    });
    return tellCreated(world, answer);
  });
}

export function tellCreated(
  world: Pick<RunRouteWorld, 'onRunCreated'>,
  answer: CreatedRun,
): { value: Run; status: 200 | 201; location: string } {
  // The answer does not wait for Temporal: the row is the promise, the starter loop keeps it.
  if (answer.created) world.onRunCreated(answer.unstarted);
  return { value: answer.run, status: answer.created ? (201 as const) : (200 as const), location: `${API_PREFIX}/runs/${answer.run.id}` };
}
