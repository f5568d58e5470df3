// The HTTP application: guards, routes, reference pages, and the one way in which errors leave.

import express, { type Express, type RequestHandler } from 'express';
import helmet from 'helmet';
import { authenticate, requireRole } from './http/authenticate.js';
import { renderDocsPage } from './http/docs-page.js';
import type { GuardRoute } from './http/define-route.js';
import type { EventHub } from './live/event-hub.js';
import type { LiveFeed } from './live/live-feed.js';
import type { Logger } from './http/logger.js';
import { serveConsole } from './console/serve-console.js';
import { tellPosition } from './live/tell-position.js';
import { refuseUnknownRoute, sendProblems } from './http/problem.js';
import { refuseForeignRequests } from './http/refuse-foreign-requests.js';
import { writeOpenApiDocument } from '../contract/openapi/write-openapi.js';
import type { Bucket } from '../contract/http/route.js';
import { API_PREFIX } from '../contract/words/api.js';
import { defineAssetRoutes } from './assets/asset-routes.js';
import { defineHealthRoute } from './health/health-routes.js';
import { defineInboxRoutes } from './inbox/inbox-routes.js';
import { defineLiveRoute } from './history/live-route.js';
import { defineManualRoutes } from './assets/manual-routes.js';
import { defineProtocolRoutes } from './protocols/protocol-routes.js';
import { defineRehearsalRoute } from './rehearsal/rehearsal-routes.js';
import { defineRunRoutes } from './runs/run-routes.js';
import { defineWorkcellRoutes } from './workcells/workcell-routes.js';
import type { WorkcellAsker } from './requests/ask-workcell.js';
import type { RehearsalWorld } from './rehearsal/rehearse-protocol.js';
import type { TemporalClient } from './temporal/temporal-client.js';
import type { Database } from '../db/connection/connect-database.js';
import type { UnstartedRun } from '../db/runs/run.queries.js';
import type { Tokens } from '../platform/tokens.js';

export interface AppWorld {
  readonly db: Database;
  readonly hub: EventHub;
  readonly feed: LiveFeed;
  readonly asker: WorkcellAsker;
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
  /** Of the built console. */
  readonly consoleFolder: string;
}

export function createApp(world: AppWorld): Express {
  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');
  app.use(refuseForeignRequests());
  app.use(
    helmet({
      // The API serves no scripts; the lab runs on plain HTTP on loopback, so nothing may be upgraded.
      contentSecurityPolicy: {
        useDefaults: false,
        directives: { defaultSrc: ["'none'"], styleSrc: ["'unsafe-inline'"], frameAncestors: ["'none'"] },
      },
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
    ...defineWorkcellRoutes(world),
    ...defineManualRoutes(world),
  ];
  for (const route of routes) route.mount(app, guard);
  serveConsole(app, world.consoleFolder);
  app.use(refuseUnknownRoute());
  app.use(sendProblems(world.logger));
  return app;
}
