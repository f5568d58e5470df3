// `praxis accept-journal`: a person has looked at the machines of a workcell whose journal was lost.

import type { WorkcellJournal } from '../../api/contract/resource.js';
import { CliError, EXIT_BAD_INPUT, EXIT_OK } from '../exit.js';
import type { JsonOption, World } from '../world.js';

export interface AcceptJournalOptions extends JsonOption {
  readonly workcell: string;
  readonly note?: string;
  readonly yes?: boolean;
}

export async function acceptJournal(world: World, options: AcceptJournalOptions): Promise<number> {
  const { api, terminal, printJson } = world;
  const path = `/workcells/${encodeURIComponent(options.workcell)}/journal`;
  const before = await api.get<WorkcellJournal>(path);
  if (options.yes !== true && before.lost !== null) await confirm(world, before.lost.because, options);
  const accepted = await api.post<WorkcellJournal>(`${path}/accept`, { note: options.note ?? '' });
  if (options.json === true) printJson(accepted);
  else terminal.line(`${accepted.workcell} moves again. Commands that may have been sent before are in the inbox; correct the deck where it is not as its description says.`);
  return EXIT_OK;
}

async function confirm({ terminal, person }: World, because: string, { json }: JsonOption): Promise<void> {
  const warning = `${because} What is mounted, gripped or under way stands in no record.`;
  if (person !== null && json !== true) {
    terminal.line(terminal.paint('yellow', warning));
    if (await person.confirm('Has somebody looked at its machines?')) return;
  }
  throw new CliError(EXIT_BAD_INPUT, { code: 'NOT_CONFIRMED', message: warning, remedy: 'Look at the machines of the workcell; then add --yes.' });
}
