// Routes of what a lab has: machines, labware and who holds them.

import { defineRoute, type BoundRoute } from '../define-route.js';
import { ROUTES } from '../contract/routes.js';
import type { Database } from '../../db/connect-database.js';
import { listLabware, listMachines } from '../../db/queries/asset.queries.js';
import { listReservations } from '../../db/queries/reservation.queries.js';

export function defineAssetRoutes(db: Database): BoundRoute[] {
  return [
    defineRoute(ROUTES.listMachines)(async () => ({ value: { items: await listMachines(db) } })),
    defineRoute(ROUTES.listLabware)(async () => ({ value: { items: await listLabware(db) } })),
    defineRoute(ROUTES.listReservations)(async () => ({ value: { items: await listReservations(db) } })),
  ];
}
