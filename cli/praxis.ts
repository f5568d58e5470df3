// The `praxis` command: joins its subcommands, and turns every error into an exit code and one line.

import { readFileSync } from 'node:fs';
import path from 'node:path';
import { Command, CommanderError } from 'commander';
import { EXIT_CODES } from './arguments/add-command.js';
import { addGroups } from './arguments/groups.js';
import { findProjectFolder } from './client/find-api.js';
import { CliError, EXIT_BAD_INPUT, EXIT_OK, EXIT_RUN_FAILED, formatErrorLine } from './terminal/exit.js';
import { printJsonError } from './terminal/print-json.js';

const EXAMPLES = [
  'praxis protocols serial_dilution',
  'praxis run serial_dilution -p numDilutions=8 --wait',
  'praxis pause last',
  'praxis inbox',
  'praxis show last --tree',
];

/** The command that is meant; undefined where help or the version is asked for. */
function findNamed(): string | undefined {
  return process.argv.slice(2).find((word) => !word.startsWith('-'));
}

async function createProgram(named: string | undefined): Promise<Command> {
  const program = new Command('praxis')
    .description('Runs laboratory protocols as durable workflows. A client of the API like any other.')
    .version(`praxis ${readVersion()}`, '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print this')
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
  await addGroups(program, named);
  return program;
}

function readVersion(): string {
  return (JSON.parse(readFileSync(path.join(findProjectFolder(), 'package.json'), 'utf8')) as { version: string }).version;
}

function reportError(error: unknown, helpOf: string): number {
  // Help and version are printed through this path too, with exit code 0.
  if (error instanceof CommanderError && error.exitCode === 0) return EXIT_OK;
  const told = toCliError(error, helpOf);
  if (told === undefined) {
    process.stderr.write(`error INTERNAL: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
    printJsonError(new CliError(EXIT_RUN_FAILED, { code: 'INTERNAL', message: String(error) }), process.argv);
    return EXIT_RUN_FAILED;
  }
  process.stderr.write(`${formatErrorLine(told)}\n`);
  printJsonError(told, process.argv);
  return told.exitCode;
}

function toCliError(error: unknown, helpOf: string): CliError | undefined {
  if (error instanceof CliError) return error;
  if (!(error instanceof CommanderError)) return undefined;
  const message = error.code === 'commander.help' ? 'A command is missing.' : error.message.replace(/^error: /u, '');
  return new CliError(EXIT_BAD_INPUT, { code: 'BAD_OPTION', message, remedy: `See ${helpOf} --help.` });
}

// The reader of a pipe may leave early, as `head` does; that is no failure of ours.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
  process.exit(EXIT_OK);
});

const named = findNamed();
let helpOf = 'praxis';
try {
  const program = await createProgram(named);
  helpOf = findHelp(program);
  await program.parseAsync(process.argv);
} catch (error) {
  process.exitCode = reportError(error, helpOf);
}

/** The command whose help says what was written wrong: `praxis machines release`. */
function findHelp(program: Command): string {
  let found = program;
  for (const word of process.argv.slice(2)) {
    const below = found.commands.find((each) => each.name() === word || each.aliases().includes(word));
    if (below === undefined) break;
    found = below;
  }
  return found === program ? 'praxis' : `praxis ${found.parent === program ? '' : `${found.parent?.name() ?? ''} `}${found.name()}`;
}
