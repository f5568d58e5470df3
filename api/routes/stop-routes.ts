// Routes of a person who wants something to stop: what one machine does, or everything in a workcell.

import { defineRoute, type BoundRoute } from '../define-route.js';
import type { Stopper } from '../stop-machines.js';
import { ROUTES } from '../contract/routes.js';
import type { Database } from '../../db/connect-database.js';
import { getWorkcellStop } from '../../db/queries/stop-all.queries.js';

export function defineStopRoutes({ db, stopper }: { readonly db: Database; readonly stopper: Stopper }): BoundRoute[] {
  return [
    defineRoute(ROUTES.abortMachine)(async ({ params, body, user, signal }) => ({
      value: await stopper.abort({ nameOrId: params.name, by: user, reason: body.note, signal }),
    })),
    defineRoute(ROUTES.showStop)(async ({ params }) => ({ value: await getWorkcellStop(db, params.workcell) })),
    defineRoute(ROUTES.stopAll)(async ({ params, body, user, signal }) => ({
      value: await stopper.change(params.workcell, { kind: 'stop-all', reason: body.reason }, { by: user, signal }),
    })),
    defineRoute(ROUTES.releaseStop)(async ({ params, body, user, signal }) => ({
      value: await stopper.change(params.workcell, { kind: 'release', rev: body.rev, reason: body.reason }, { by: user, signal }),
    })),
  ];
}
