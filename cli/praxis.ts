// The `praxis` command: joins its subcommands, and turns every error into an exit code and one line.

import { Command, CommanderError } from 'commander';
import { EXIT_CODES } from './arguments/add-command.js';
import { addAssetCommands } from './arguments/asset-commands.js';
import { addControlCommands } from './arguments/control-commands.js';
import { addInboxCommands } from './arguments/inbox-commands.js';
import { addLabCommands } from './arguments/lab-commands.js';
import { addRunCommands } from './arguments/run-commands.js';
import { CliError, EXIT_BAD_INPUT, EXIT_OK, EXIT_RUN_FAILED, formatErrorLine } from './terminal/exit.js';

const EXAMPLES = [
  'praxis protocols serial_dilution',
  'praxis run serial_dilution -p numDilutions=8 --wait',
  'praxis pause last',
  'praxis inbox',
  'praxis show last --tree',
];

function createProgram(): Command {
  const program = new Command('praxis')
    .description('Runs laboratory protocols as durable workflows. A client of the API like any other.')
    .exitOverride()
    // An option behind a subcommand is the subcommand's: `machines` and `machines release` both have --json.
    .enablePositionalOptions()
    .configureOutput({ outputError: () => undefined })
    // Without the defaults, which are empty lists.
    .configureHelp({ optionDescription: ({ description }) => description })
    .addHelpText(
      'after',
      `\nExamples:\n${EXAMPLES.map((example) => `  ${example}`).join('\n')}\n\nA run is named by its id, the beginning of a recent one, or last. ${EXIT_CODES}`,
    );
  addRunCommands(program);
  addControlCommands(program);
  addInboxCommands(program);
  addAssetCommands(program);
  addLabCommands(program);
  return program;
}

function reportError(error: unknown): number {
  if (error instanceof CommanderError) {
    // Help and version are printed through this path too, with exit code 0.
    if (error.exitCode === 0) return EXIT_OK;
    const message = error.code === 'commander.help' ? 'A command is missing.' : error.message.replace(/^error: /u, '');
    process.stderr.write(
      `${formatErrorLine(new CliError(EXIT_BAD_INPUT, { code: 'BAD_OPTION', message, remedy: 'See praxis --help.' }))}\n`,
    );
    return EXIT_BAD_INPUT;
  }
  if (error instanceof CliError) {
    process.stderr.write(`${formatErrorLine(error)}\n`);
    return error.exitCode;
  }
  process.stderr.write(`error INTERNAL: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
  return EXIT_RUN_FAILED;
}

// The reader of a pipe may leave early, as `head` does; that is no failure of ours.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
  process.exit(EXIT_OK);
});

try {
  await createProgram().parseAsync(process.argv);
} catch (error) {
  process.exitCode = reportError(error);
}
