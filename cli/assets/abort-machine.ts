// `praxis machines abort`: a person ends what a machine does at this moment.

import { EXIT_OK } from '../terminal/exit.js';
import type { JsonOption, World } from '../client/world.js';
import type { Machine } from '../../api/contract/asset-resource.js';

export async function abortMachine({ api, terminal, printJson }: World, name: string, options: JsonOption & { readonly note?: string }): Promise<number> {
  const machine = await api.post<Machine>(`/machines/${encodeURIComponent(name)}/abort`, { note: options.note ?? '' });
  if (options.json === true) printJson(machine);
  else terminal.line(`What ${machine.name} was doing is stopped; its run gets COMMAND_STOPPED.`);
  return EXIT_OK;
}
