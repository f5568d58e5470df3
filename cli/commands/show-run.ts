// `praxis show`: one run as a summary, its call tree, its commands or its events.

import { CliError, EXIT_BAD_INPUT, EXIT_OK } from '../exit.js';
import { findRun } from '../find-run.js';
import { readAllEvents, readAllPages } from '../read-all-pages.js';
import { describeCommand } from '../../domain/catalogue/describe-command.js';
import { formatDuration, measureMs } from '../render-duration.js';
import { renderEventLine } from '../render-event.js';
import { renderRunSummary } from '../render-run.js';
import { renderTable } from '../render-table.js';
import { renderTree } from '../render-tree.js';
import type { JsonOption, World } from '../world.js';
import type { Call } from '../../domain/call.js';
import type { Command } from '../../domain/command.js';
import type { Run } from '../../domain/run.js';

export interface ShowOptions extends JsonOption {
  readonly tree?: boolean;
  readonly commands?: boolean;
  readonly events?: boolean;
}

export async function showRun(world: World, given: string, options: ShowOptions): Promise<number> {
  const views = [options.tree, options.commands, options.events].filter((view) => view === true);
  if (views.length > 1) {
    throw new CliError(EXIT_BAD_INPUT, { code: 'BAD_OPTION', message: 'Only one of --tree, --commands and --events can be shown.', remedy: 'Give one of them.' });
  }
  const run = await findRun(world.api, given);
  if (options.tree === true) await showTree(world, run, options);
  else if (options.commands === true) await showCommands(world, run, options);
  else if (options.events === true) await showEvents(world, run, options);
  else if (options.json === true) world.printJson(run);
  else for (const line of renderRunSummary(run, world.terminal)) world.terminal.line(line);
  return EXIT_OK;
}

async function showTree({ api, terminal, printJson }: World, run: Run, options: JsonOption): Promise<void> {
  const root = await api.get<Call | null>(`/runs/${run.id}/calls`);
  if (options.json === true) {
    printJson(root);
    return;
  }
  if (root === null) {
    terminal.line(`${run.status}: no call has begun yet.`);
    return;
  }
  const commands = await readAllPages<Command>(api, `/runs/${run.id}/commands`);
  for (const line of renderTree(root, commands, terminal)) terminal.line(line);
}

async function showCommands({ api, terminal, printJson }: World, run: Run, options: JsonOption): Promise<void> {
  const commands = await readAllPages<Command>(api, `/runs/${run.id}/commands`);
  if (options.json === true) {
    printJson({ items: commands });
    return;
  }
  const rows = commands.map((command) => {
    const lastedMs = measureMs(command.beganAt, command.endedAt);
    const error = command.error ? `${command.error.code}: ${command.error.message}` : '';
    return [command.status, lastedMs === undefined ? '-' : formatDuration(lastedMs), command.callPath, `${describeCommand(command.machine, command.method, command.arguments)}  ${error}`.trimEnd()];
  });
  for (const line of renderTable(['STATUS', 'TIME', 'CALL', 'COMMAND'], rows)) terminal.line(line);
}

async function showEvents({ api, terminal, printJson }: World, run: Run, options: JsonOption): Promise<void> {
  const events = await readAllEvents(api, run.id);
  if (options.json === true) printJson({ items: events });
  else for (const event of events) terminal.line(renderEventLine(event));
}
