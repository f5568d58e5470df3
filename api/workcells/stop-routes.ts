// Routes of a person who wants something to stop: what one machine does, or everything in a workcell.

import { defineRoute, type BoundRoute } from '../http/define-route.js';
import type { JournalAcceptor } from './accept-journal.js';
import type { Stopper } from './stop-machines.js';
import { ROUTES } from '../../contract/http/routes.js';
import type { Database } from '../../db/connection/connect-database.js';
import { getWorkcellJournal } from '../../db/losses/journal-loss.queries.js';
import { getWorkcellStop } from '../../db/requests/stop-all.queries.js';

export function defineStopRoutes({
  db,
  stopper,
  acceptor,
}: {
  readonly db: Database;
  readonly stopper: Stopper;
  readonly acceptor: JournalAcceptor;
}): BoundRoute[] {
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
    defineRoute(ROUTES.showJournal)(async ({ params }) => ({ value: await getWorkcellJournal(db, params.workcell) })),
    defineRoute(ROUTES.acceptJournal)(async ({ params, body, user, signal }) => ({
      value: await acceptor.accept({ workcell: params.workcell, by: user, note: body.note, signal }),
    })),
  ];
}
