// The HTTP application: guards, routes, reference pages, and the one way in which errors leave.

import express, { type Express, type RequestHandler } from 'express';
import helmet from 'helmet';
import { authenticate, requireRole } from './authenticate.js';
import type { MachineConnector } from './connect-machine.js';
import { renderDocsPage } from './docs-page.js';
import type { GuardRoute } from './define-route.js';
import type { EventHub } from './event-hub.js';
import type { LiveFeed } from './live-feed.js';
import type { LabwarePlacer } from './place-labware.js';
import type { LabwareReplacer } from './replace-labware.js';
import type { JournalAcceptor } from './accept-journal.js';
import type { Stopper } from './stop-machines.js';
import type { Logger } from './logger.js';
import { tellPosition } from './tell-position.js';
import { refuseUnknownRoute, sendProblems } from './problem.js';
import { refuseForeignRequests } from './refuse-foreign-requests.js';
import { writeOpenApiDocument } from './contract/openapi.js';
import { API_PREFIX, type Bucket } from './contract/route-contract.js';
import { defineAssetRoutes } from './routes/asset-routes.js';
import { defineHealthRoute } from './routes/health-routes.js';
import { defineInboxRoutes } from './routes/inbox-routes.js';
import { defineLiveRoute } from './routes/live-route.js';
import { defineManualRoutes } from './routes/manual-routes.js';
import { defineProtocolRoutes } from './routes/protocol-routes.js';
import { defineRehearsalRoute } from './routes/rehearsal-routes.js';
import { defineRunRoutes } from './routes/run-routes.js';
import { defineStopRoutes } from './routes/stop-routes.js';
import type { RehearsalWorld } from './rehearse-protocol.js';
import type { TemporalClient } from './temporal/temporal-client.js';
import type { Database } from '../db/connect-database.js';
import type { UnstartedRun } from '../db/queries/run.queries.js';
import type { Tokens } from '../platform/tokens.js';

export interface AppWorld {
  readonly db: Database;
  readonly hub: EventHub;
  readonly feed: LiveFeed;
  readonly replacer: LabwareReplacer;
  readonly placer: LabwarePlacer;
  readonly connector: MachineConnector;
  readonly stopper: Stopper;
  readonly acceptor: JournalAcceptor;
  readonly logger: Logger;
  readonly now: () => number;
  readonly newRunId: () => string;
  readonly rehearse: RehearsalWorld['rehearse'];
  readonly onRunCreated: (run: UnstartedRun) => void;
  readonly temporal: Pick<TemporalClient, 'signalRun' | 'signalRunFromStart' | 'answerItem' | 'queryLedger' | 'isReachable'>;
  /** Left out, only requests without a token are taken. */
  readonly tokens?: Tokens | null;
  /** Left out, nothing is limited. */
  readonly limitRate?: (bucket: Bucket) => readonly RequestHandler[];
  /** Left out, runs are taken whatever the disk says. */
  readonly refuseWhenFull?: RequestHandler;
  readonly version: string;
}

export function createApp(world: AppWorld): Express {
  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');
  app.use(refuseForeignRequests());
  app.use(
    helmet({
      // The API serves no scripts; the lab runs on plain HTTP on loopback, so nothing may be upgraded.
      contentSecurityPolicy: { useDefaults: false, directives: { defaultSrc: ["'none'"], styleSrc: ["'unsafe-inline'"], frameAncestors: ["'none'"] } },
      strictTransportSecurity: false,
    }),
  );
  app.use(authenticate(world.tokens ?? null));
  const guard: GuardRoute = ({ needs, bucket, startsRun }) => [
    requireRole(needs),
    ...(world.limitRate?.(bucket) ?? []),
    ...(startsRun === true && world.refuseWhenFull ? [world.refuseWhenFull] : []),
  ];
  const openApi = writeOpenApiDocument(world.version);
  const docsPage = renderDocsPage(openApi);
  app.get(`${API_PREFIX}/openapi.json`, (_request, response) => void response.json(openApi));
  app.get(`${API_PREFIX}/docs`, (_request, response) => void response.type('html').send(docsPage));
  // Without a position: it answers also while the database does not.
  defineHealthRoute(world).mount(app, guard);
  app.use(tellPosition(world));
  const routes = [
    ...defineProtocolRoutes(world.db),
    defineRehearsalRoute(world),
    ...defineRunRoutes(world),
    ...defineInboxRoutes(world),
    defineLiveRoute(world),
    ...defineAssetRoutes(world),
    ...defineStopRoutes(world),
    ...defineManualRoutes(world),
  ];
  for (const route of routes) route.mount(app, guard);
  app.use(refuseUnknownRoute());
  app.use(sendProblems(world.logger));
  return app;
}
