// Subcommands about what waits for a person.

import type { Command } from 'commander';
import { answerItem, type AnswerCommandOptions } from '../inbox/answer-item.js';
import { showInbox, type InboxOptions } from '../inbox/show-inbox.js';
import { act, addCommand, collect } from './add-command.js';

export function addInboxCommands(program: Command): void {
  addCommand(program, 'inbox', 'list what waits for a person, with the command that answers it', [
    'praxis inbox',
    'praxis inbox --run last --all --json',
  ])
    .option('--run <run>', 'only items of this run')
    .option('--all', 'also what was answered or withdrawn')
    .action(act((world, options: InboxOptions) => showInbox(world, options)));
  addCommand(program, 'answer <item> [value]', 'answer an item: its id or the beginning of it, its run, or last', [
    'praxis answer last yes',
    'praxis answer last --happened not-done --then retry --note "arm is parked, tips are full"',
    "praxis answer last --happened partly --then skip --set 'plate_1:A1=100' --tip 'tips_1:A1=off' --channel '0=tips_1:A1:50'",
  ])
    .alias('resolve')
    .option('--happened <what>', 'uncertain command: done, not-done or partly')
    .option('--then <what>', 'uncertain command: retry, skip or abort')
    .option('--set <labware:position=volume>', 'volume there now in µL, or name=value of a form; may be repeated', collect, [])
    .option('--tip <rack:position=on|off>', 'whether a tip is there now; may be repeated', collect, [])
    .option(
      '--channel <n=rack:position:volume>',
      'tip and volume on a channel, n=empty, n=done or n=not-done; may be repeated',
      collect,
      [],
    )
    .option('--result <json>', 'what a skipped command returns to the protocol')
    .option('--note <text>', 'what else should be on record')
    .option('-y, --yes', 'answer without asking again')
    .action(
      act((world, item: string, value: string | undefined, options: AnswerCommandOptions) => answerItem(world, { item, value }, options)),
    );
}
