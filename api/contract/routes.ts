// Every route of the API as data. The handlers, the OpenAPI document, the documentation page and the clients all follow
// from this table.

import { ASSET_ROUTES } from './asset-routes.js';
import { INBOX_ROUTES } from './inbox-routes.js';
import { LIVE_ROUTES } from './live-routes.js';
import { PROTOCOL_ROUTES } from './protocol-routes.js';
import type { RouteContract } from './route-contract.js';
import { RUN_ROUTES } from './run-routes.js';
import { STOP_ROUTES } from './stop-routes.js';

export const ROUTES = {
  ...PROTOCOL_ROUTES,
  ...RUN_ROUTES,
  ...INBOX_ROUTES,
  ...LIVE_ROUTES,
  ...ASSET_ROUTES,
  ...STOP_ROUTES,
} as const satisfies Record<string, RouteContract>;
