// `praxis machines connect`: a person stands at the machine and has it connected, which may move its axes.

import { CliError, EXIT_BAD_INPUT, EXIT_OK } from '../terminal/exit.js';
import type { JsonOption, World } from '../client/world.js';

/** The API waits for the machine's setup; longer than that. */
const CONNECT_TIMEOUT_MS = 180_000;

export interface ConnectOptions extends JsonOption {
  readonly note?: string;
  readonly yes?: boolean;
}

export async function connectMachine(world: World, name: string, options: ConnectOptions): Promise<number> {
  const { api, terminal, printJson } = world;
  if (options.yes !== true) await confirm(world, name, options);
  const connected = await api.connectMachine({ params: { name }, body: { note: options.note ?? '' } }, { timeoutMs: CONNECT_TIMEOUT_MS });
  if (options.json === true) printJson(connected);
  else terminal.line(`${connected.name} is connected; it is ${connected.status}.`);
  return EXIT_OK;
}

async function confirm({ terminal, person }: World, name: string, { json }: JsonOption): Promise<void> {
  const warning = `Connecting ${name} may move its axes and drop mounted tips.`;
  if (person !== null && json !== true) {
    terminal.line(terminal.paint('yellow', warning));
    if (await person.confirm('Are hands and labware out of its way?')) return;
  }
  throw new CliError(EXIT_BAD_INPUT, {
    code: 'NOT_CONFIRMED',
    message: warning,
    remedy: 'Look at the machine; when nothing is in its way, add --yes.',
  });
}
