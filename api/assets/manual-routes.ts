// Routes of commands that a person gives to a machine by hand.

import { defineRoute, type BoundRoute } from '../http/define-route.js';
import { checkCommand, giveCommand, type ManualWorld } from './manual-command.js';
import { ROUTES } from '../../contract/http/routes.js';
import { tellCreated, type RunRouteWorld } from '../runs/run-routes.js';

export function defineManualRoutes(world: ManualWorld & Pick<RunRouteWorld, 'onRunCreated'>): BoundRoute[] {
  return [
    defineRoute(ROUTES.checkCommand)(async ({ params, body }) => ({ value: await checkCommand(world.db, params.name, body) })),
    defineRoute(ROUTES.commandMachine)(async ({ params, body, headers, user }) => {
      const idempotencyKey = headers['idempotency-key'];
      return tellCreated(
        world,
        await giveCommand(world, params.name, { ...body, by: user, ...(idempotencyKey !== undefined && { idempotencyKey }) }),
      );
    }),
  ];
}
