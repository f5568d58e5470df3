// Route of rehearsals.

import { defineRoute, type BoundRoute } from '../http/define-route.js';
import { rehearseProtocol, type RehearsalWorld } from './rehearse-protocol.js';
import { ROUTES } from '../../contract/http/routes.js';

export function defineRehearsalRoute(world: RehearsalWorld): BoundRoute {
  return defineRoute(ROUTES.rehearseProtocol)(async ({ params, body, user, signal }) => ({
    value: await rehearseProtocol(world, { ...body, protocol: params.name, user }, signal),
  }));
}
