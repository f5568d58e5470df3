// `praxis labware place`: a person has put an item somewhere and says where.

import { describeLocation } from './list-assets.js';
import type { LabwareLocation } from '../../domain/workcells/workcell-spec.js';
import { CliError, EXIT_BAD_INPUT, EXIT_OK } from '../terminal/exit.js';
import type { JsonOption, World } from '../client/world.js';

export interface PlaceOptions extends JsonOption {
  readonly note: string;
}

export async function placeLabware(
  { api, terminal, printJson }: World,
  given: { name: string; place: string },
  options: PlaceOptions,
): Promise<number> {
  const machines = await api.listMachines();
  const location = parsePlace(given.place, new Set(machines.items.map(({ name }) => name)));
  const placed = await api.placeLabware({ params: { name: given.name }, body: { location, note: options.note } });
  if (options.json === true) printJson(placed);
  else terminal.line(`${placed.name} stands at ${describeLocation(placed.location)}.`);
  return EXIT_OK;
}

/** `plate_carrier:0`, `reader`, or a machine with several places as `incubator:3`. */
export function parsePlace(text: string, machines: ReadonlySet<string>): LabwareLocation {
  const [, holder, digits] = /^([^:]+)(?::(\d{1,4}))?$/u.exec(text) ?? [];
  const site = digits === undefined ? undefined : Number(digits);
  if (holder !== undefined && machines.has(holder)) return { machine: holder, ...(site !== undefined && { site }) };
  if (holder !== undefined && site !== undefined) return { carrier: holder, site };
  throw new CliError(EXIT_BAD_INPUT, {
    code: 'BAD_OPTION',
    message: `'${text}' is neither carrier:site nor a machine.`,
    remedy: 'Write it as: plate_carrier:0, or as the name of a machine: praxis machines',
  });
}
