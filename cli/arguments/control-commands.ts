// Subcommands that hold, end or go on with runs, and those that stop a workcell and let it move again.

import type { Command } from 'commander';
import { acceptJournal, type AcceptJournalOptions } from '../workcells/accept-journal.js';
import { continueRun, type ContinueOptions } from '../runs/continue-run.js';
import { controlRun, type Control, type ControlOptions } from '../runs/control-run.js';
import { stopAll, type StopAllOptions } from '../workcells/stop-all.js';
import { act, addCommand, collect } from './add-command.js';

export function addControlCommands(program: Command): void {
  const addControl = (control: Control, description: string): void => {
    addCommand(program, `${control} <run>`, description, [`praxis ${control} last`, `praxis ${control} 01989f2c --reason "wrong plate"`])
      .option('--reason <text>', 'why, for the record')
      .action(act((world, run: string, options: ControlOptions) => controlRun(world, { control, run }, options)));
  };
  addControl('pause', 'hold a run: its running command ends, no new one begins, delays stop');
  addControl('resume', 'take a pause back; what else holds the run stays');
  addControl('cancel', 'end a run early: its running command ends, then its cleanups run');
  addCommand(
    program,
    'stop-all',
    'begin nothing any more in a workcell, cleanups included, until a person releases it; not an emergency stop',
    ['praxis stop-all --reason "smoke"', 'praxis stop-all --release --reason "it was steam"'],
  )
    .option('--workcell <name>', 'only this one; all of the home where left out')
    .option('--reason <text>', 'why, for the record')
    .option('--release', 'lift the stop that holds now; runs go on where nothing else holds them')
    .option('--status', 'only say whether it is stopped')
    .action(act((world, options: StopAllOptions) => stopAll(world, options)));
  addCommand(program, 'accept-journal', 'say that you have looked at the machines of a workcell whose journal was lost; it moves again', [
    'praxis accept-journal --workcell star --note "nothing hangs there"',
  ])
    .requiredOption('--workcell <name>', 'whose bridge has another journal than before')
    .option('--note <text>', 'what you saw, for the record')
    .option('-y, --yes', 'do not ask whether somebody has looked')
    .action(act((world, options: AcceptJournalOptions) => acceptJournal(world, options)));
  addCommand(program, 'continue <run>', 'start a run that goes on where a failed or cancelled one left off', [
    'praxis continue last --from serial_dilution/mix_down.2 --deck-is-ready --wait',
    'praxis continue 01989f2c --from serial_dilution/mix_down.2',
  ])
    .requiredOption('--from <callPath>', 'call that is done again first; any other word is answered with the calls to choose from')
    .option('--deck-is-ready', 'you have looked: the deck is as it was before that call')
    .option('-a, --asset <name=item>', 'item that takes the place of the one used before; may be repeated', collect, [])
    .option('--reason <text>', 'why, for the record')
    .option('-w, --wait', 'show the run live and end when it ends')
    .action(act((world, run: string, options: ContinueOptions) => continueRun(world, run, options)));
}
