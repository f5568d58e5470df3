// For tests of what stands in front of routes: all routes of the API behind one guard, each answering with nothing.

import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import express from 'express';
import { authenticate } from './authenticate.js';
import { defineStream, type GuardRoute } from './define-route.js';
import { sendProblems } from './problem.js';
import type { RouteContract } from '../../contract/http/route.js';
import { ROUTES } from '../../contract/http/routes.js';
import { API_PREFIX } from '../../contract/words/api.js';

export interface GuardedRoutes {
  /** With the prefix of the API. */
  readonly url: string;
  close(): Promise<void>;
}

export async function serveGuardedRoutes(guard: GuardRoute): Promise<GuardedRoutes> {
  const app = express();
  app.use(authenticate({ operator: 'token-of-an-operator', viewer: 'token-of-a-viewer' }));
  for (const { method, path, summary, needs, bucket, group, query, response, statuses, startsRun } of Object.values<RouteContract>(
    ROUTES,
  )) {
    // Nothing of a request is read, so that each may be sent with nothing in it.
    const contract: RouteContract = {
      method,
      path,
      summary,
      needs,
      bucket,
      group,
      query: query.partial(),
      response,
      statuses,
      ...(startsRun && { startsRun }),
    };
    defineStream(contract, (_context, answer) => Promise.resolve(void answer.json({}))).mount(app, guard);
  }
  app.use(sendProblems({ info: () => undefined, warn: () => undefined, error: () => undefined }));
  const server: Server = createServer(app);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}${API_PREFIX}`,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
