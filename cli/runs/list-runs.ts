// `praxis runs`: recent runs, the newest first.

import { EXIT_OK } from '../terminal/exit.js';
import { renderRunRow } from '../render/render-run.js';
import { renderTable } from '../render/render-table.js';
import type { Terminal } from '../terminal/terminal.js';
import type { JsonOption, World } from '../client/world.js';
import type { Run, RunStatus } from '../../domain/runs/run.js';

export interface RunsOptions extends JsonOption {
  readonly status?: string;
  readonly protocol?: string;
  readonly limit?: number;
}

export async function listRuns({ api, terminal, printJson }: World, options: RunsOptions): Promise<number> {
  const { protocol, limit } = options;
  // A status that there is not is refused by the API, which names those that there are.
  const page = await api.listRuns({ query: { status: options.status as RunStatus | undefined, protocol, limit } });
  if (options.json === true) printJson(page);
  else if (page.items.length === 0) terminal.line('No runs. Start one with: praxis run <protocol>');
  else showRuns(terminal, page.items);
  return EXIT_OK;
}

function showRuns(terminal: Terminal, runs: readonly Run[]): void {
  for (const line of renderTable(['RUN', 'PROTOCOL', 'STATUS', 'CREATED', 'TIME', 'COMMANDS'], runs.map(renderRunRow))) terminal.line(line);
  const openItems = runs.reduce((sum, run) => sum + run.openItems, 0);
  if (openItems > 0)
    terminal.line(terminal.paint('yellow', `${openItems} ${openItems === 1 ? 'item waits' : 'items wait'} for a person: praxis inbox`));
}
