// Draws a run as SVG: its call tree as bars over time, each command as a tick in the bar of its call.
// Usage: node dist/tools/draw-run.js <run id> [API address] > docs/run.svg

import type { Call } from '../domain/call.js';
import type { Command } from '../domain/command.js';
import type { Page } from '../domain/page.js';
import type { Run } from '../domain/run.js';

const WIDTH = 960;
const LABEL_WIDTH = 260;
const ROW_HEIGHT = 26;
const TOP = 64;
const COMMANDS_PAGE = 200;

interface Row {
  readonly call: Call;
  readonly depth: number;
}

/** The SVG text of a run. Times are drawn from the run's first call to its last. */
export function drawRun({ run, root, commands }: { run: Run; root: Call; commands: readonly Command[] }): string {
  const rows = listRows(root, 0);
  const beginMs = Date.parse(root.startedAt);
  const endMs = Date.parse(root.endedAt ?? run.endedAt ?? root.startedAt);
  const toX = (text: string | null): number =>
    LABEL_WIDTH + ((Date.parse(text ?? root.startedAt) - beginMs) / Math.max(endMs - beginMs, 1)) * (WIDTH - LABEL_WIDTH - 24);
  const height = TOP + rows.length * ROW_HEIGHT + 20;
  const lines = rows.map(({ call, depth }, index) => drawRow({ call, depth, y: TOP + index * ROW_HEIGHT, commands, toX }));
  const { completed, failed, uncertain } = run.counts.commands;
  const counts = `${completed} commands completed, ${failed} failed, ${uncertain} uncertain, in ${((endMs - beginMs) / 1_000).toFixed(2)} s`;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" font-family="DejaVu Sans, Verdana, sans-serif" font-size="13">`,
    `<rect width="${WIDTH}" height="${height}" fill="#ffffff"/>`,
    `<text x="16" y="26" font-size="17" font-weight="bold" fill="#16324f">${escape(run.protocol)} · ${escape(run.status)}</text>`,
    `<text x="16" y="46" fill="#5b6b7b">${escape(counts)} · one tick is one hardware command</text>`,
    ...lines,
    '</svg>',
    '',
  ].join('\n');
}

function drawRow(row: { call: Call; depth: number; y: number; commands: readonly Command[]; toX: (text: string | null) => number }): string {
  const { call, depth, y, toX } = row;
  const x = toX(call.startedAt);
  const width = Math.max(toX(call.endedAt) - x, 2);
  const colour = call.status === 'completed' ? '#cfe3d4' : call.status === 'running' ? '#d6e4f5' : '#f3cfcb';
  const ticks = row.commands
    .filter((command) => command.callPath === call.path)
    .map((command) => `<rect x="${toX(command.beganAt).toFixed(1)}" y="${y + 4}" width="2" height="${ROW_HEIGHT - 10}" fill="${command.status === 'completed' ? '#2f6f4f' : '#b3261e'}"/>`);
  const name = call.path.split('/').at(-1) ?? call.path;
  return [
    `<text x="${16 + depth * 18}" y="${y + 17}" fill="#16324f">${escape(name)}</text>`,
    `<rect x="${x.toFixed(1)}" y="${y + 2}" width="${width.toFixed(1)}" height="${ROW_HEIGHT - 6}" rx="3" fill="${colour}"/>`,
    ...ticks,
  ].join('\n');
}

function listRows(call: Call, depth: number): readonly Row[] {
  return [{ call, depth }, ...call.children.flatMap((child) => listRows(child, depth + 1))];
}

function escape(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

const [runId, api = 'http://127.0.0.1:7400'] = process.argv.slice(2);
if (runId === undefined) {
  process.stderr.write('Usage: node dist/tools/draw-run.js <run id> [API address] > docs/run.svg\n');
  process.exitCode = 2;
} else {
  const get = async <T>(route: string): Promise<T> => {
    const response = await fetch(`${api}/api/v1/runs/${runId}${route}`);
    if (!response.ok) throw new Error(`${response.status} ${await response.text()}`);
    return (await response.json()) as T;
  };
  const commands: Command[] = [];
  for (let cursor: string | undefined = ''; cursor !== undefined; ) {
    const page: Page<Command> = await get(`/commands?limit=${COMMANDS_PAGE}${cursor === '' ? '' : `&cursor=${encodeURIComponent(cursor)}`}`);
    commands.push(...page.items);
    cursor = page.nextCursor;
  }
  process.stdout.write(drawRun({ run: await get<Run>(''), root: await get<Call>('/calls'), commands }));
}
