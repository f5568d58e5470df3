// Routes of what a lab has: machines, labware and who holds them.

import type { MachineConnector } from './connect-machine.js';
import { defineRoute, type BoundRoute } from '../http/define-route.js';
import type { LabwarePlacer } from './place-labware.js';
import type { LabwareReplacer } from './replace-labware.js';
import { ROUTES } from '../../contract/http/routes.js';
import type { Database } from '../../db/connection/connect-database.js';
import { listLabware, listMachines, releaseMachine } from '../../db/assets/asset.queries.js';
import { listReservations } from '../../db/runs/reservation.queries.js';
import { invariant } from '../../domain/errors/error.js';

export interface AssetRouteWorld {
  readonly db: Database;
  readonly now: () => number;
  readonly replacer: LabwareReplacer;
  readonly placer: LabwarePlacer;
  readonly connector: MachineConnector;
}

export function defineAssetRoutes({ db, now, replacer, placer, connector }: AssetRouteWorld): BoundRoute[] {
  return [
    defineRoute(ROUTES.listMachines)(async () => ({ value: { items: await listMachines(db) } })),
    defineRoute(ROUTES.releaseMachine)(async ({ params, body, user }) => {
      const wasQuarantined = await releaseMachine(db, { machineId: params.name, note: body.note, releasedBy: user, atMs: now() });
      const released = (await listMachines(db)).find((machine) => machine.name === params.name || machine.id === params.name);
      invariant(released, `machine ${params.name} is there after its release`);
      return { value: { ...released, wasQuarantined } };
    }),
    defineRoute(ROUTES.connectMachine)(async ({ params, body, user, signal }) => ({
      value: await connector.connect({ nameOrId: params.name, by: user, note: body.note, signal }),
    })),
    defineRoute(ROUTES.listLabware)(async () => ({ value: { items: await listLabware(db) } })),
    defineRoute(ROUTES.replaceLabware)(async ({ params, user, signal }) => ({
      value: await replacer.replace({ nameOrId: params.name, by: user, signal }),
    })),
    defineRoute(ROUTES.placeLabware)(async ({ params, body, user, signal }) => ({
      value: await placer.place({ nameOrId: params.name, location: body.location, by: user, note: body.note, signal }),
    })),
    defineRoute(ROUTES.listReservations)(async () => ({ value: { items: await listReservations(db) } })),
  ];
}
