// `praxis runs`: recent runs, the newest first, and how many more there are.

import { EXIT_OK } from '../terminal/exit.js';
import { formatZone } from '../render/render-duration.js';
import { renderRunRow } from '../render/render-run.js';
import { renderTable } from '../render/render-table.js';
import { readSince } from '../terminal/read-since.js';
import type { Terminal } from '../terminal/terminal.js';
import type { JsonOption, World } from '../client/world.js';
import { COUNTED_RUNS_MAX, type Run, type RunStatus } from '../../domain/runs/run.js';
import type { Page } from '../../domain/json/page.js';

export interface RunsOptions extends JsonOption {
  readonly status?: string;
  readonly protocol?: string;
  readonly limit?: number;
  readonly cursor?: string;
  readonly all?: boolean;
  readonly mine?: boolean;
  /** An instant, or how long ago. */
  readonly since?: string;
}

type CountedPage = Page<Run> & { readonly total?: number };

export async function listRuns({ api, terminal, printJson }: World, options: RunsOptions): Promise<number> {
  const { protocol, limit, cursor, mine, since } = options;
  const filter = {
    // A status that there is not is refused by the API, which names those that there are.
    status: options.status as RunStatus | undefined,
    protocol,
    ...(mine === true && { mine: 'true' as const }),
    ...(since !== undefined && { since: readSince(since, Date.now()) }),
  };
  const page: CountedPage =
    options.all === true
      ? { items: await api.readAll('listRuns', { query: filter }) }
      : await api.listRuns({ query: { ...filter, limit, cursor, count: 'true' } });
  if (options.json === true) printJson(page);
  else if (page.items.length === 0) terminal.line('No runs. Start one with: praxis run <protocol>');
  else showRuns(terminal, page.items);
  if (options.json !== true && page.nextCursor !== undefined) for (const line of tellRest(page, options)) terminal.line(line);
  return EXIT_OK;
}

function showRuns(terminal: Terminal, runs: readonly Run[]): void {
  const header = ['RUN', 'PROTOCOL', 'STATUS', `CREATED (${formatZone(new Date())})`, 'TIME', 'COMMANDS'];
  for (const line of renderTable(header, runs.map(renderRunRow), terminal.width)) terminal.line(line);
  const openItems = runs.reduce((sum, run) => sum + run.openItems, 0);
  if (openItems > 0)
    terminal.line(terminal.paint('yellow', `${openItems} ${openItems === 1 ? 'item waits' : 'items wait'} for a person: praxis inbox`));
}

/** `50 of 300 runs`, and the commands that show the others. */
function tellRest({ items, nextCursor, total }: CountedPage, { status, protocol, limit, mine, since }: RunsOptions): string[] {
  const filter = [
    ...(status === undefined ? [] : [`--status ${status}`]),
    ...(protocol === undefined ? [] : [`--protocol ${protocol}`]),
    ...(mine === true ? ['--mine'] : []),
    ...(since === undefined ? [] : [`--since '${since}'`]),
  ];
  const command = (...more: readonly string[]): string => ['praxis runs', ...filter, ...more].join(' ');
  const counted = total === undefined ? '' : ` of ${total >= COUNTED_RUNS_MAX ? `${COUNTED_RUNS_MAX} or more` : total}`;
  const pageSize = limit === undefined ? [] : [`--limit ${limit}`];
  return [`${items.length}${counted} runs. All: ${command('--all')}`, `The next: ${command(...pageSize, `--cursor ${nextCursor ?? ''}`)}`];
}
