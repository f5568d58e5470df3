// Every route of the API as data. The handlers, the OpenAPI document, the documentation page and the clients all follow
// from this table.

import { ASSET_ROUTES } from './assets/asset-routes.js';
import { HEALTH_ROUTES } from './health/health-routes.js';
import { HISTORY_ROUTES } from './history/history-routes.js';
import { INBOX_ROUTES } from './inbox/inbox-routes.js';
import { PROTOCOL_ROUTES } from './protocols/protocol-routes.js';
import { REHEARSAL_ROUTES } from './rehearsal/rehearsal-routes.js';
import type { RouteContract } from './route.js';
import { RUN_ROUTES } from './runs/run-routes.js';
import { WORKCELL_ROUTES } from './workcells/workcell-routes.js';

export const ROUTES = {
  ...HEALTH_ROUTES,
  ...PROTOCOL_ROUTES,
  ...RUN_ROUTES,
  ...INBOX_ROUTES,
  ...REHEARSAL_ROUTES,
  ...ASSET_ROUTES,
  ...WORKCELL_ROUTES,
  ...HISTORY_ROUTES,
} as const satisfies Record<string, RouteContract>;

/** Of each route its operationId; clients name routes by it. */
export type OperationId = keyof typeof ROUTES;
