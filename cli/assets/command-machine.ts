// `praxis machines command`: one command to a machine, given by hand. Shows what it would do, asks where something moves,
// and follows it to its end.

import { randomUUID } from 'node:crypto';
import type { CheckedCommand } from '../../contract/http/assets/asset-resource.js';
import { CliError, EXIT_BAD_INPUT } from '../terminal/exit.js';
import { findRun } from '../client/find-run.js';
import { parseAssignments } from '../terminal/parse-assignments.js';
import { formatDuration } from '../render/render-duration.js';
import { waitForRun } from '../runs/wait-for-run.js';
import type { JsonOption, World } from '../client/world.js';
import type { Json } from '../../domain/json/json.js';

export interface CommandOptions extends JsonOption {
  readonly param: readonly string[];
  readonly run?: string;
  readonly reason: string;
  readonly yes?: boolean;
}

export async function commandMachine(
  world: World,
  { machine, method }: { machine: string; method: string },
  options: CommandOptions,
): Promise<number> {
  const { api } = world;
  const runId = options.run === undefined ? undefined : (await findRun(api, options.run)).id;
  const given = Object.fromEntries(Object.entries(parseAssignments('-p', options.param)).map(([name, text]) => [name, parseValue(text)]));
  const body = { method, arguments: given, ...(runId !== undefined && { runId }), reason: options.reason };
  const wish = { params: { name: machine }, body };
  const checked = await api.checkCommand(wish);
  if (options.json !== true) showCommand(world, checked);
  if (checked.retryClass !== 'read-only' && options.yes !== true) await confirm(world, checked, options);
  const run = await api.commandMachine({ ...wish, headers: { 'idempotency-key': randomUUID() } });
  return waitForRun(world, run, options);
}

function showCommand({ terminal }: World, { summary, doc, named, retryClass, expectedMs, longestMs }: CheckedCommand): void {
  terminal.line(terminal.paint('bold', summary));
  terminal.line(`  ${doc}`);
  for (const [name, value] of Object.entries(named)) terminal.line(`  ${name}  ${JSON.stringify(value)}`);
  const moves = retryClass === 'read-only' ? 'moves nothing' : 'may move';
  terminal.line(`  ${moves}; usually ${formatDuration(expectedMs)}, at most ${formatDuration(longestMs)}`);
}

async function confirm({ terminal, person }: World, { machine, summary }: CheckedCommand, { json }: JsonOption): Promise<void> {
  const warning = `${summary} may move ${machine}.`;
  if (person !== null && json !== true) {
    terminal.line(terminal.paint('yellow', warning));
    if (await person.confirm('Are hands and labware out of its way?')) return;
  }
  throw new CliError(EXIT_BAD_INPUT, {
    code: 'NOT_CONFIRMED',
    message: warning,
    remedy: 'Look at the machine; when nothing is in its way, add --yes.',
  });
}

/** JSON where it is JSON, else the text as it stands; the API knows what the argument wants. */
function parseValue(text: string): Json {
  try {
    return JSON.parse(text) as Json;
  } catch {
    // `plate_1:A1` and the like are texts.
    return text;
  }
}
