// `praxis accept-journal`: a person has looked at the machines of a workcell whose journal was lost.

import type { WorkcellJournal } from '../../contract/http/workcells/workcell-resource.js';
import { CliError, EXIT_BAD_INPUT, EXIT_OK } from '../terminal/exit.js';
import type { JsonOption, World } from '../client/world.js';

type Lost = NonNullable<WorkcellJournal['lost']>;

const RUNS_SHOWN_MAX = 20;

export interface AcceptJournalOptions extends JsonOption {
  readonly workcell: string;
  readonly note?: string;
  readonly yes?: boolean;
}

export async function acceptJournal(world: World, options: AcceptJournalOptions): Promise<number> {
  const { api, terminal, printJson } = world;
  const params = { workcell: options.workcell };
  const before = await api.showJournal({ params });
  if (before.lost !== null && options.json !== true)
    for (const line of describeGap(before.lost.gap)) terminal.line(terminal.paint('yellow', line));
  if (options.yes !== true && before.lost !== null) await confirm(world, before.lost, options);
  const accepted = await api.acceptJournal({ params, body: { note: options.note ?? '' } });
  if (options.json === true) printJson(accepted);
  else
    terminal.line(
      `${accepted.workcell} moves again. Commands that may have been sent before are in the inbox; correct the deck where it is not as its description says.`,
    );
  return EXIT_OK;
}

/** What the person has to look for in the runs themselves: no list will show it. */
function describeGap(gap: Lost['gap']): readonly string[] {
  if (gap === null || gap.runs.length === 0) return [];
  const [since, more] = [gap.since === null ? '' : ` that began after ${gap.since}`, gap.runs.length - RUNS_SHOWN_MAX];
  return [
    `Commands${since} and had ended before the loss stand in no list; their runs go on with what they heard. They may be missing in:`,
    ...gap.runs.slice(0, RUNS_SHOWN_MAX).map((runId) => `  ${runId}`),
    ...(more > 0 ? [`  and ${more} more`] : []),
  ];
}

async function confirm({ terminal, person }: World, { because, gap }: Lost, { json }: JsonOption): Promise<void> {
  const missing =
    gap === null || gap.runs.length === 0
      ? ''
      : ` What ended shortly before the loss${gap.since === null ? '' : `, after ${gap.since},`} stands in no list.`;
  const warning = `${because} What is mounted, gripped or under way stands in no record.${missing}`;
  if (person !== null && json !== true) {
    terminal.line(terminal.paint('yellow', warning));
    if (await person.confirm('Has somebody looked at its machines?')) return;
  }
  throw new CliError(EXIT_BAD_INPUT, {
    code: 'NOT_CONFIRMED',
    message: warning,
    remedy: 'Look at the machines of the workcell; then add --yes.',
  });
}
