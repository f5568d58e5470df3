// Subcommands that a shell uses to complete the others.

import { Argument, type Command } from 'commander';
import { COMPLETION_SCRIPTS, SHELLS, type Shell } from '../completion/completion-scripts.js';
import { findCandidates } from '../completion/find-candidates.js';
import { toSafeText } from '../terminal/safe-text.js';
import { act } from './add-command.js';

/** `addAll` adds the commands of every group: those of this one alone could complete nothing. */
export function addCompletionCommands(program: Command, addAll: (whole: Command) => Promise<void>): void {
  program
    .command('completion')
    .description('print what makes a shell complete praxis')
    .addArgument(new Argument('<shell>', 'the shell').choices(SHELLS))
    .addHelpText(
      'after',
      '\nExamples:\n  source <(praxis completion bash)\n  source <(praxis completion zsh)\n  praxis completion fish > ~/.config/fish/completions/praxis.fish',
    )
    .action((shell: Shell) => void process.stdout.write(COMPLETION_SCRIPTS[shell]));
  program
    .command('complete', { hidden: true })
    .argument('[words...]')
    .allowUnknownOption()
    .action(
      act(async ({ api }, words: readonly string[]) => {
        const whole = program.createCommand('praxis');
        await addAll(whole);
        for (const { value, about } of await findCandidates(whole, words, api)) process.stdout.write(`${value}\t${toSafeText(about)}\n`);
        return 0;
      }),
    );
}
