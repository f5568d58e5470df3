// `praxis show`: one run as a summary, or one view of it: call tree, commands, events, state, data, or live to its end.

import { CliError, EXIT_BAD_INPUT, EXIT_OK } from '../terminal/exit.js';
import { findRun } from '../client/find-run.js';
import { formatValue } from '../render/format-value.js';
import { readAllEvents } from '../client/read-all-events.js';
import { describeCommand } from '../../domain/catalogue/describe-command.js';
import { toAcceptCommand } from '../../domain/workcells/accept-command.js';
import { formatDuration, formatInstant, measureMs } from '../render/render-duration.js';
import { renderChannels } from '../render/render-channels.js';
import { renderEventLine } from '../render/render-event.js';
import { renderItem } from '../render/render-item.js';
import { renderRunSummary, type Origin } from '../render/render-run.js';
import { renderTable } from '../render/render-table.js';
import { renderTree } from '../render/render-tree.js';
import { waitForRun } from './wait-for-run.js';
import type { JsonOption, World } from '../client/world.js';
import type { ApiClient } from '../client/api-client.js';
import type { Run } from '../../domain/runs/run.js';

export interface ShowOptions extends JsonOption {
  readonly tree?: boolean;
  readonly commands?: boolean;
  readonly events?: boolean;
  readonly state?: boolean;
  readonly data?: boolean;
  readonly follow?: boolean;
  /** With `tree`: the call to begin with, and how many of its children to pass over. */
  readonly call?: string;
  readonly after?: string;
}

const VIEWS = ['tree', 'commands', 'events', 'state', 'data', 'follow'] as const;
type View = (typeof VIEWS)[number];

export async function showRun(world: World, given: string, options: ShowOptions): Promise<number> {
  const [view, ...others] = VIEWS.filter((name) => options[name] === true);
  if (others.length > 0) {
    const message = `Only one of ${VIEWS.map((name) => `--${name}`).join(', ')} can be shown.`;
    throw new CliError(EXIT_BAD_INPUT, { code: 'BAD_OPTION', message, remedy: 'Give one of them.' });
  }
  const run = await findRun(world.api, given);
  if (view === undefined) await showSummary(world, run, options);
  else if (view === 'follow') return waitForRun(world, run, options);
  else await SHOW[view](world, run, options);
  return EXIT_OK;
}

const SHOW: Readonly<Record<Exclude<View, 'follow'>, (world: World, run: Run, options: ShowOptions) => Promise<void>>> = {
  tree: showTree,
  commands: showCommands,
  events: showEvents,
  state: showState,
  data: showData,
};

async function showSummary({ api, terminal, printJson }: World, run: Run, options: JsonOption): Promise<void> {
  if (options.json === true) {
    printJson(run);
    return;
  }
  for (const line of renderRunSummary(run, terminal, await findOrigin(api, run))) terminal.line(line);
  if (run.endedAt === null && run.openAlarms > 0) for (const line of await listLostJournals(api, run)) terminal.line(line);
  if (run.openItems === 0) return;
  const open = await api.readAll('listInbox', { query: { runId: run.id, status: 'open' } });
  for (const line of open.flatMap((item) => renderItem(item, terminal))) terminal.line(line);
}

/** The run is shown as running, and nothing of it moves. */
async function listLostJournals(api: ApiClient, run: Run): Promise<readonly string[]> {
  const [own, machines] = [new Set(Object.values(run.assets).map(({ name }) => name)), (await api.listMachines()).items];
  const workcells = new Set(machines.filter(({ name }) => own.has(name)).map(({ workcell }) => workcell));
  const journals = await Promise.all([...workcells].map((workcell) => api.showJournal({ params: { workcell } })));
  return journals
    .filter(({ lost }) => lost !== null)
    .map(({ workcell }) => `waits for   a person who accepts the journal of ${workcell}: ${toAcceptCommand(workcell)}`);
}

/** Stands in the first event of the run. */
async function findOrigin(api: ApiClient, run: Run): Promise<Origin | undefined> {
  if (run.continuesRunId === undefined) return undefined;
  const { items } = await api.listEvents({ params: { id: run.id }, query: { limit: 1 } });
  const created = items.find((event) => event.type === 'run.created');
  return { from: created?.data.from ?? '', reason: created?.data.reason ?? '' };
}

async function showState({ api, terminal, printJson }: World, run: Run, options: JsonOption): Promise<void> {
  const state = await api.getRunState({ params: { id: run.id } });
  if (options.json === true) printJson(state);
  else if (Object.keys(state).length === 0) terminal.line('The run has set no state.');
  else for (const [key, value] of Object.entries(state)) terminal.line(`${key} = ${formatValue(value)}`);
}

async function showData({ api, terminal, printJson }: World, run: Run, options: JsonOption): Promise<void> {
  const items = await api.readAll('listRunData', { params: { id: run.id } });
  const rows = items.map(({ name, at, callPath, value }) => [name, formatInstant(at), callPath, formatValue(value)]);
  if (options.json === true) printJson({ items });
  else if (items.length === 0) terminal.line('The run has kept no data.');
  else for (const line of renderTable(['NAME', 'AT', 'CALL', 'VALUE'], rows)) terminal.line(line);
}

async function showTree({ api, terminal, printJson }: World, run: Run, options: ShowOptions): Promise<void> {
  const { call, after } = options;
  const root = await api.getCalls({
    params: { id: run.id },
    query: { path: call, after: after === undefined ? undefined : Number(after) },
  });
  if (options.json === true) {
    printJson(root);
    return;
  }
  if (root === null) {
    terminal.line(call === undefined ? `${run.status}: no call has begun yet.` : `${run.status}: there is no call ${call}.`);
    return;
  }
  const commands = await api.readAll('listCommands', { params: { id: run.id } });
  for (const line of renderTree(root, commands, terminal, Number(after ?? 0))) terminal.line(line);
}

async function showCommands({ api, terminal, printJson }: World, run: Run, options: JsonOption): Promise<void> {
  const commands = await api.readAll('listCommands', { params: { id: run.id } });
  if (options.json === true) {
    printJson({ items: commands });
    return;
  }
  const rows = commands.map((command) => {
    const lastedMs = measureMs(command.beganAt, command.endedAt);
    const channels = command.error && renderChannels(command.error);
    const error = command.error ? `${command.error.code}: ${command.error.message}${channels === undefined ? '' : `  (${channels})`}` : '';
    return [
      command.status,
      lastedMs === undefined ? '-' : formatDuration(lastedMs),
      command.callPath,
      `${describeCommand(command.machine, command.method, command.arguments)}  ${error}`.trimEnd(),
    ];
  });
  for (const line of renderTable(['STATUS', 'TIME', 'CALL', 'COMMAND'], rows)) terminal.line(line);
}

async function showEvents({ api, terminal, printJson }: World, run: Run, options: JsonOption): Promise<void> {
  const events = await readAllEvents(api, run.id);
  if (options.json === true) printJson({ items: events });
  else for (const event of events) terminal.line(renderEventLine(event));
}
