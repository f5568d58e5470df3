// `praxis machines abort`: a person ends what a machine does at this moment.

import { EXIT_OK } from '../terminal/exit.js';
import { STOP_PATIENCE_MS } from '../../domain/workcells/stop-all.js';
import type { JsonOption, World } from '../client/world.js';

/** The API waits for a bridge that is being started again. */
const ANSWER_LIMIT_MS = STOP_PATIENCE_MS + 15_000;

export async function abortMachine(
  { api, terminal, printJson }: World,
  name: string,
  options: JsonOption & { readonly note?: string },
): Promise<number> {
  const machine = await api.abortMachine({ params: { name }, body: { note: options.note ?? '' } }, { timeoutMs: ANSWER_LIMIT_MS });
  if (options.json === true) printJson(machine);
  else terminal.line(`What ${machine.name} was doing is stopped; its run gets COMMAND_STOPPED.`);
  return EXIT_OK;
}
