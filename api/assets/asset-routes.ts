// Routes of what a lab has: machines, labware and who holds them.

import { defineRoute, type BoundRoute } from '../http/define-route.js';
import type { WorkcellAsker } from '../requests/ask-workcell.js';
import { ROUTES } from '../../contract/http/routes.js';
import type { Database } from '../../db/connection/connect-database.js';
import { listLabware, listMachines, releaseMachine } from '../../db/assets/asset.queries.js';
import { requireReplaceable } from '../../db/assets/replaceable.queries.js';
import { requireMachine } from '../../db/assets/require-machine.js';
import { listReservations } from '../../db/runs/reservation.queries.js';
import { invariant } from '../../domain/errors/error.js';

export interface AssetRouteWorld {
  readonly db: Database;
  readonly now: () => number;
  readonly asker: WorkcellAsker;
}

export function defineAssetRoutes({ db, now, asker }: AssetRouteWorld): BoundRoute[] {
  return [
    defineRoute(ROUTES.listMachines)(async () => ({ value: { items: await listMachines(db) } })),
    defineRoute(ROUTES.releaseMachine)(async ({ params, body, user }) => {
      const wasQuarantined = await releaseMachine(db, { machineId: params.name, note: body.note, releasedBy: user, atMs: now() });
      const { id } = await requireMachine(db, params.name);
      return { value: { ...findById(await listMachines(db), id), wasQuarantined } };
    }),
    defineRoute(ROUTES.connectMachine)(async ({ params, body, user, signal }) => {
      const { id, name, workcell } = await requireMachine(db, params.name);
      await asker.ask('connect-machine', { workcell, body: { machine: name, note: body.note }, by: user, signal });
      return { value: findById(await listMachines(db), id) };
    }),
    defineRoute(ROUTES.abortMachine)(async ({ params, body, user, signal }) => {
      const { id, name, workcell } = await requireMachine(db, params.name);
      await asker.ask('abort-machine', { workcell, body: { machine: name, note: body.note }, by: user, signal });
      return { value: findById(await listMachines(db), id) };
    }),
    defineRoute(ROUTES.listLabware)(async () => ({ value: { items: await listLabware(db) } })),
    defineRoute(ROUTES.replaceLabware)(async ({ params, user, signal }) => {
      const { id, name, workcell } = await requireReplaceable(db, params.name);
      await asker.ask('replace-labware', { workcell, body: { labware: name }, by: user, signal });
      return { value: findById(await listLabware(db), id) };
    }),
    defineRoute(ROUTES.placeLabware)(async ({ params, body, user, signal }) => {
      const { id, name, workcell } = await requireReplaceable(db, params.name);
      await asker.ask('place-labware', { workcell, body: { labware: name, ...body }, by: user, signal });
      return { value: findById(await listLabware(db), id) };
    }),
    defineRoute(ROUTES.listReservations)(async () => ({ value: { items: await listReservations(db) } })),
  ];
}

/** As it is now that it was done. */
function findById<Item extends { readonly id: string }>(items: readonly Item[], id: string): Item {
  const item = items.find((each) => each.id === id);
  invariant(item, `${id} is there after it was changed`);
  return item;
}
