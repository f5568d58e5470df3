// The `praxis` command: names its subcommands and options, and turns every error into an exit code and one line.

import { Command, CommanderError, InvalidArgumentError } from 'commander';
import { createApiClient } from './api-client.js';
import { findPerson } from './ask-person.js';
import { listLabware, listMachines, listReservations, releaseMachine, replaceLabware } from './commands/list-assets.js';
import { abortMachine } from './commands/abort-machine.js';
import { acceptJournal, type AcceptJournalOptions } from './commands/accept-journal.js';
import { answerItem, type AnswerCommandOptions } from './commands/answer-item.js';
import { continueRun, type ContinueOptions } from './commands/continue-run.js';
import { controlRun, type Control, type ControlOptions } from './commands/control-run.js';
import { commandMachine, type CommandOptions } from './commands/command-machine.js';
import { connectMachine, type ConnectOptions } from './commands/connect-machine.js';
import { listRuns, type RunsOptions } from './commands/list-runs.js';
import { placeLabware, type PlaceOptions } from './commands/place-labware.js';
import { rehearseProtocol, type RehearseOptions } from './commands/rehearse-protocol.js';
import { runProtocol, type RunOptions } from './commands/run-protocol.js';
import { showInbox, type InboxOptions } from './commands/show-inbox.js';
import { showProtocols, type ProtocolsOptions } from './commands/show-protocols.js';
import { showRun, type ShowOptions } from './commands/show-run.js';
import { spawnProgram } from './commands/spawn-program.js';
import { stopAll, type StopAllOptions } from './commands/stop-all.js';
import { CliError, EXIT_BAD_INPUT, EXIT_OK, EXIT_RUN_FAILED, formatErrorLine } from './exit.js';
import { findApiUrl } from './find-api.js';
import { createTerminal } from './terminal.js';
import type { JsonOption, World } from './world.js';
import { RUN_STATUSES } from '../domain/run.js';

const EXIT_CODES = 'Exit codes: 0 ok, 1 failed run, 2 bad input, 3 no connection.';
const EXAMPLES = [
  'praxis protocols serial_dilution',
  'praxis run serial_dilution -p numDilutions=8 --wait',
  'praxis pause last',
  'praxis inbox',
  'praxis show last --tree',
];
const JSON_HELP = 'print exactly one JSON document, the resource of the API';

let exitCode: number = EXIT_OK;

/** Wraps an action, so that it gets the world and leaves its exit code. */
function act<A extends unknown[]>(action: (world: World, ...given: A) => Promise<number>): (...given: A) => Promise<void> {
  return async (...given) => {
    exitCode = await action(createWorld(), ...given);
  };
}

function createWorld(): World {
  return {
    api: createApiClient(findApiUrl(process.env), process.env['PRAXIS_TOKEN']),
    terminal: createTerminal(process.stdout, process.env),
    person: findPerson(process.stdin, process.stdout),
    printJson: (value) => void process.stdout.write(`${JSON.stringify(value, null, 2)}\n`),
  };
}

function createProgram(): Command {
  const program = new Command('praxis')
    .description('Runs laboratory protocols as durable workflows. A client of the API like any other.')
    .exitOverride()
    // An option behind a subcommand is the subcommand's: `machines` and `machines release` both have --json.
    .enablePositionalOptions()
    .configureOutput({ outputError: () => undefined })
    // Without the defaults, which are empty lists.
    .configureHelp({ optionDescription: ({ description }) => description })
    .addHelpText('after', `\nExamples:\n${EXAMPLES.map((example) => `  ${example}`).join('\n')}\n\nA run is named by its id, the beginning of a recent one, or last. ${EXIT_CODES}`);
  addRunCommands(program);
  addControlCommands(program);
  addInboxCommands(program);
  addAssetCommands(program);
  addLabCommands(program);
  return program;
}

function addRunCommands(program: Command): void {
  addCommand(program, 'run <protocol>', 'start a run of a protocol', ['praxis run serial_dilution -p numDilutions=8 --wait', 'praxis run serial_dilution --asset plate=plate_1 --json'])
    .option('-p, --param <name=value>', 'parameter; may be repeated', collect, [])
    .option('-a, --asset <name=item>', 'item of the lab for an asset of the protocol; may be repeated', collect, [])
    .option('--version-of-protocol <version>', 'version to run instead of the newest')
    .option('--priority <n>', 'higher goes first where assets are scarce', parseInteger)
    .option('--time-scale <n>', 'simulated runs: make delays this many times shorter, up to 100000', parseNumber)
    .option('--idempotency-key <key>', 'the same key starts the same run only once')
    .option('-w, --wait', 'show the run live and end when it ends')
    .action(act((world, protocol: string, options: RunOptions) => runProtocol(world, protocol, options)));
  addCommand(program, 'rehearse <protocol>', 'tell what a run would do and need, and where it would fail; touches nothing', [
    'praxis rehearse serial_dilution -p numDilutions=11',
    'praxis rehearse antigen_dilution_series --answer no --full',
  ])
    .option('-p, --param <name=value>', 'parameter; may be repeated', collect, [])
    .option('-a, --asset <name=item>', 'item for an asset; may be repeated', collect, [])
    .option('--answer <value>', 'to the next question: yes, no, a choice, a number, a text or JSON; may be repeated', collect, [])
    .option('--version-of-protocol <version>', 'another version than the newest')
    .option('--full', 'every command, with what it changes on the deck')
    .action(act((world, protocol: string, options: RehearseOptions) => rehearseProtocol(world, protocol, options)));
  addCommand(program, 'runs', 'list runs, the newest first', ['praxis runs --status running', 'praxis runs --limit 5 --json'])
    .option('--status <status>', `only runs that are ${RUN_STATUSES.join(', ')}`)
    .option('--protocol <name>', 'only runs of this protocol')
    .option('--limit <n>', 'at most this many, up to 200', parseInteger)
    .action(act((world, options: RunsOptions) => listRuns(world, options)));
  addCommand(program, 'show <run>', 'show a run: its id, the beginning of a recent id, or last', [
    'praxis show last',
    'praxis show last --follow',
    'praxis show last --tree',
    'praxis show 01989f2c --commands --json',
  ])
    .option('--tree', 'the call tree with counts and durations')
    .option('--call <path>', 'with --tree: from this call down')
    .option('--after <number>', 'with --tree: pass over so many of its children')
    .option('--commands', 'every command to a machine')
    .option('--events', 'every event in order')
    .option('--state', 'values that the run keeps')
    .option('--data', 'measurements that the run kept')
    .option('--follow', 'show what happens from the first event on, and end when the run ends')
    .action(act((world, run: string, options: ShowOptions) => showRun(world, run, options)));
  addCommand(program, 'protocols [name]', 'list protocols, or show what one wants', ['praxis protocols', 'praxis protocols serial_dilution', 'praxis protocols mix_down --statistics'])
    .option('--statistics', 'how often each version was called, how that ended, how long it took')
    .action(act((world, name: string | undefined, options: ProtocolsOptions) => showProtocols(world, name, options)));
}

function addControlCommands(program: Command): void {
  const addControl = (control: Control, description: string): void => {
    addCommand(program, `${control} <run>`, description, [`praxis ${control} last`, `praxis ${control} 01989f2c --reason "wrong plate"`])
      .option('--reason <text>', 'why, for the record')
      .action(act((world, run: string, options: ControlOptions) => controlRun(world, { control, run }, options)));
  };
  addControl('pause', 'hold a run: its running command ends, no new one begins, delays stop');
  addControl('resume', 'take a pause back; what else holds the run stays');
  addControl('cancel', 'end a run early: its running command ends, then its cleanups run');
  addCommand(program, 'stop-all', 'begin nothing any more in a workcell, cleanups included, until a person releases it; not an emergency stop', [
    'praxis stop-all --reason "smoke"',
    'praxis stop-all --release --reason "it was steam"',
  ])
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

function addInboxCommands(program: Command): void {
  addCommand(program, 'inbox', 'list what waits for a person, with the command that answers it', ['praxis inbox', 'praxis inbox --run last --all --json'])
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
    .option('--channel <n=rack:position:volume>', 'tip and volume on a channel, n=empty, n=done or n=not-done; may be repeated', collect, [])
    .option('--result <json>', 'what a skipped command returns to the protocol')
    .option('--note <text>', 'what else should be on record')
    .option('-y, --yes', 'answer without asking again')
    .action(act((world, item: string, value: string | undefined, options: AnswerCommandOptions) => answerItem(world, { item, value }, options)));
}

function addAssetCommands(program: Command): void {
  const machines = addCommand(program, 'machines', 'list machines and who holds them', ['praxis machines --json', 'praxis machines release star --note "deck is clear"']).action(
    act((world, options: JsonOption) => listMachines(world, options)),
  );
  addCommand(machines, 'release <machine>', 'give a quarantined machine free after looking at it', ['praxis machines release star --note "deck is clear"'])
    .requiredOption('--note <text>', 'what you saw')
    .action(act((world, name: string, options: JsonOption & { note: string }) => releaseMachine(world, name, options)));
  addCommand(machines, 'connect <machine>', 'connect a machine, which may move its axes; asks first', ['praxis machines connect star --note "deck is clear"', 'praxis machines connect star --yes'])
    .option('--note <text>', 'what you saw before', '')
    .option('-y, --yes', 'nothing is in the way: connect without asking')
    .action(act((world, name: string, options: ConnectOptions) => connectMachine(world, name, options)));
  addCommand(machines, 'command <machine> <method>', 'send one command by hand; asks first where it moves something', [
    'praxis machines command star discard_tips',
    'praxis machines command star pick_up_tips -p tip_spots=tips_1:A1 --run last --reason "tip was bent"',
    'praxis machines command heater_shaker request_temperature --json',
  ])
    .option('-p, --param <name=value>', 'argument, in words of PyLabRobot or of the SDK; may be repeated', collect, [])
    .option('--run <run>', 'run that waits for a person and holds the machine')
    .option('--reason <text>', 'why, for the record', '')
    .option('-y, --yes', 'nothing is in the way: send without asking')
    .action(act((world, machine: string, method: string, options: CommandOptions) => commandMachine(world, { machine, method }, options)));
  addCommand(machines, 'abort <machine>', 'stop what a machine does at this moment, where its driver can; its run gets COMMAND_STOPPED', ['praxis machines abort shaker --note "too fast"'])
    .option('--note <text>', 'why, for the record', '')
    .action(act((world, name: string, options: JsonOption & { note: string }) => abortMachine(world, name, options)));
  const labware = addCommand(program, 'labware', 'list labware and who holds it', ['praxis labware', 'praxis labware replace tips_1']).action(
    act((world, options: JsonOption) => listLabware(world, options)),
  );
  addCommand(labware, 'replace <item>', 'tell that a fresh item stands in the place of a used one', ['praxis labware replace tips_1']).action(
    act((world, name: string, options: JsonOption) => replaceLabware(world, name, options)),
  );
  addCommand(labware, 'place <item> <place>', 'tell where an item stands that you have put somewhere: carrier:site or machine', [
    'praxis labware place plate_1 plate_carrier:0',
    'praxis labware place plate_1 reader --note "put in by hand"',
  ])
    .option('--note <text>', 'why, for the record', '')
    .action(act((world, name: string, place: string, options: PlaceOptions) => placeLabware(world, { name, place }, options)));
  addCommand(program, 'reservations', 'list what is held by which run', ['praxis reservations']).action(
    act((world, options: JsonOption) => listReservations(world, options)),
  );
}

function addLabCommands(program: Command): void {
  const up = program
    .command('up')
    .description('start the lab on this machine and stay with it, as npm start does')
    .allowUnknownOption()
    .argument('[options...]')
    .addHelpText('after', '\nExamples:\n  praxis up\n  praxis up --no-demo');
  up.action(async (given: string[]) => {
    exitCode = await spawnProgram('tools/start.mjs', given);
  });
  addCommand(program, 'doctor', 'check what the lab needs on this machine', ['praxis doctor']).action(async (options: JsonOption) => {
    exitCode = await spawnProgram('dist/local/doctor.js', options.json === true ? ['--json'] : []);
  });
}

function addCommand(program: Command, usage: string, description: string, examples: readonly string[]): Command {
  return program
    .command(usage)
    .description(description)
    .option('--json', JSON_HELP)
    .addHelpText('after', `\nExamples:\n${examples.map((example) => `  ${example}`).join('\n')}\n\n${EXIT_CODES}`);
}

function collect(value: string, previous: readonly string[]): string[] {
  return [...previous, value];
}

function parseInteger(text: string): number {
  if (!/^-?\d{1,9}$/u.test(text)) throw new InvalidArgumentError('It must be an integer.');
  return Number(text);
}

function parseNumber(text: string): number {
  if (!/^\d{1,9}(?:\.\d{1,6})?$/u.test(text)) throw new InvalidArgumentError('It must be a number.');
  return Number(text);
}

function reportError(error: unknown): number {
  if (error instanceof CommanderError) {
    // Help and version are printed through this path too, with exit code 0.
    if (error.exitCode === 0) return EXIT_OK;
    const message = error.code === 'commander.help' ? 'A command is missing.' : error.message.replace(/^error: /u, '');
    process.stderr.write(`${formatErrorLine(new CliError(EXIT_BAD_INPUT, { code: 'BAD_OPTION', message, remedy: 'See praxis --help.' }))}\n`);
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
  exitCode = reportError(error);
}
process.exitCode = exitCode;
