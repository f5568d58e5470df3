// Routes of a workcell as a whole: stopping everything and letting it go on, and the journal of its bridge.

import { defineRoute, type BoundRoute } from '../http/define-route.js';
import type { WorkcellAsker } from '../requests/ask-workcell.js';
import { ROUTES } from '../../contract/http/routes.js';
import type { Database } from '../../db/connection/connect-database.js';
import { getWorkcellJournal } from '../../db/losses/journal-loss.queries.js';
import { getWorkcellStop } from '../../db/workcells/stop.queries.js';

export interface WorkcellRouteWorld {
  readonly db: Database;
  readonly asker: WorkcellAsker;
}

export function defineWorkcellRoutes({ db, asker }: WorkcellRouteWorld): BoundRoute[] {
  return [
    defineRoute(ROUTES.showStop)(async ({ params }) => ({ value: await getWorkcellStop(db, params.workcell) })),
    defineRoute(ROUTES.stopAll)(async ({ params: { workcell }, body, user, signal }) => {
      await asker.ask('stop-all', { workcell, body, by: user, signal });
      return { value: await getWorkcellStop(db, workcell) };
    }),
    defineRoute(ROUTES.releaseStop)(async ({ params: { workcell }, body, user, signal }) => {
      await asker.ask('release-stop', { workcell, body, by: user, signal });
      return { value: await getWorkcellStop(db, workcell) };
    }),
    defineRoute(ROUTES.showJournal)(async ({ params }) => ({ value: await getWorkcellJournal(db, params.workcell) })),
    defineRoute(ROUTES.acceptJournal)(async ({ params: { workcell }, body, user, signal }) => {
      await asker.ask('accept-journal', { workcell, body, by: user, signal });
      return { value: await getWorkcellJournal(db, workcell) };
    }),
  ];
}
