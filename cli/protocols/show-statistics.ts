// `praxis protocols <name> --statistics`: how each version of a protocol function was called until now.

import { EXIT_OK } from '../terminal/exit.js';
import { formatDuration, formatInstant } from '../render/render-duration.js';
import { renderTable } from '../render/render-table.js';
import type { JsonOption, World } from '../client/world.js';
import type { CallStatistics } from '../../domain/runs/call-statistics.js';

const HEADER = [
  'VERSION',
  'CALLS',
  'COMPLETED',
  'FAILED',
  'CANCELLED',
  'RUNNING',
  'P50',
  'P95',
  'LONGEST',
  'COMMANDS/CALL',
  'FIRST',
  'LAST',
];

export async function showStatistics({ api, terminal, printJson }: World, name: string, options: JsonOption): Promise<number> {
  const page = await api.getProtocolStatistics({ params: { name } });
  if (options.json === true) printJson(page);
  else if (page.items.length === 0) terminal.line(`${name} has not been called yet.`);
  else for (const line of renderTable(HEADER, page.items.map(toRow), terminal.width)) terminal.line(line);
  return EXIT_OK;
}

function toRow({
  version,
  calls,
  completed,
  failed,
  cancelled,
  running,
  durationMs,
  commandsPerCall,
  firstStartedAt,
  lastStartedAt,
}: CallStatistics): string[] {
  const durations = durationMs === null ? ['-', '-', '-'] : [durationMs.p50, durationMs.p95, durationMs.max].map(formatDuration);
  const counts = [calls, completed, failed, cancelled, running].map(String);
  return [version, ...counts, ...durations, String(commandsPerCall), formatInstant(firstStartedAt), formatInstant(lastStartedAt)];
}
