// `praxis machines`, `praxis labware`, `praxis reservations`: what the lab has, who holds it; giving a machine free,
// and telling of fresh labware.

import { EXIT_OK } from '../terminal/exit.js';
import { formatInstant } from '../render/render-duration.js';
import { renderTable } from '../render/render-table.js';
import type { JsonOption, World } from '../client/world.js';
import type { Labware, Machine, Reservation } from '../../contract/http/assets/asset-resource.js';
import type { Page } from '../../domain/json/page.js';

export async function listMachines(world: World, options: JsonOption): Promise<number> {
  return list<Machine>(world, options, {
    page: await world.api.listMachines(),
    header: ['MACHINE', 'WORKCELL', 'KIND', 'MODE', 'STATUS', 'HELD BY RUN'],
    toRow: (item) => [item.name, item.workcell, item.type, item.mode, item.status, item.heldByRunId ?? '-'],
    toRemark: ({ name, statusReason }) =>
      statusReason === null ? undefined : `${name}: ${statusReason}  praxis machines release ${name} --note 'what you saw'`,
  });
}

/** `praxis machines release`: a person has looked at a quarantined machine and gives it free. */
export async function releaseMachine(
  { api, terminal, printJson }: World,
  name: string,
  options: JsonOption & { readonly note: string },
): Promise<number> {
  const released = await api.releaseMachine({ params: { name }, body: { note: options.note } });
  if (options.json === true) printJson(released);
  else
    terminal.line(
      `${released.name} ${released.wasQuarantined ? 'is' : 'was not quarantined: nothing was to be released. It is'} ${released.status}.`,
    );
  return EXIT_OK;
}

export async function listLabware(world: World, options: JsonOption): Promise<number> {
  return list<Labware>(world, options, {
    page: await world.api.listLabware(),
    header: ['LABWARE', 'WORKCELL', 'KIND', 'TYPE', 'LOCATION', 'STATUS', 'HELD BY RUN'],
    toRow: (item) => [
      item.name,
      item.workcell,
      item.category,
      item.type,
      describeLocation(item.location),
      item.status,
      item.heldByRunId ?? '-',
    ],
  });
}

/** `praxis labware replace`: a person has put a fresh item in the place of a used one. */
export async function replaceLabware({ api, terminal, printJson }: World, name: string, options: JsonOption): Promise<number> {
  const replaced = await api.replaceLabware({ params: { name } });
  if (options.json === true) printJson(replaced);
  else terminal.line(`${replaced.name} is fresh.`);
  return EXIT_OK;
}

export async function listReservations(world: World, options: JsonOption): Promise<number> {
  return list<Reservation>(world, options, {
    page: await world.api.listReservations(),
    header: ['ASSET', 'KIND', 'PROTOCOL', 'SINCE', 'RUN'],
    toRow: (item) => [item.asset, item.kind, item.protocol, formatInstant(item.grantedAt), item.runId],
  });
}

export function describeLocation(location: Labware['location']): string {
  if ('gripper' in location) return `gripper of ${location.gripper}`;
  if ('on' in location) return `on ${location.on}`;
  const holder = 'carrier' in location ? location.carrier : location.machine;
  return location.site === undefined ? holder : `${holder} site ${location.site}`;
}

function list<T>(
  { terminal, printJson }: World,
  options: JsonOption,
  view: { page: Page<T>; header: readonly string[]; toRow: (item: T) => string[]; toRemark?: (item: T) => string | undefined },
): number {
  const { page } = view;
  if (options.json === true) printJson(page);
  else if (page.items.length === 0) terminal.line('None.');
  else {
    for (const line of renderTable(view.header, page.items.map(view.toRow), terminal.width)) terminal.line(line);
    for (const remark of page.items.flatMap((item) => view.toRemark?.(item) ?? [])) terminal.line(remark);
  }
  return EXIT_OK;
}
