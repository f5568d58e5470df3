// Draws a run as SVG: its call tree as bars over time, each command as a tick in the bar of its call,
// coloured by what it does.
// Usage: node dist/tools/draw-run.js <run id> [API address] > docs/run.svg

import { createClient } from '../contract/client/client.js';
import type { Call } from '../domain/runs/call.js';
import { toCallLabel } from '../domain/runs/call-path.js';
import type { Command } from '../domain/runs/command.js';
import type { Run } from '../domain/runs/run.js';

const WIDTH = 960;
const MARGIN = 20;
const LABEL_WIDTH = 190;
const COUNT_WIDTH = 110;
const CHART_BEGIN = MARGIN + LABEL_WIDTH;
const CHART_END = WIDTH - MARGIN - COUNT_WIDTH;
const TOP = 104;
const ROW_HEIGHT = 28;
const BAR_HEIGHT = 20;
const INDENT = 18;
const TICK_WIDTH = 2.4;
/** The chart has at most so many marks of time. */
const TIME_MARKS_MAX = 8;
const TIME_STEPS_MS = [50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000, 30_000, 60_000, 300_000, 600_000, 3_600_000];

const INK = '#16324f';
const FAINT_INK = '#5b6b7b';
const LINE = '#e3e8ee';
const FAILURE = '#b3261e';
const BAR_COLOURS: Readonly<Record<Call['status'], string>> = {
  completed: '#e4efe7',
  running: '#dfeaf7',
  failed: '#f6dcd9',
  cancelled: '#f1ead8',
};
/** Methods that a reader tells apart at a glance; every other command has the last colour. */
const METHOD_KINDS = [
  { label: 'tip on or off', pattern: /tip/u, colour: '#8a63b8' },
  { label: 'aspirate', pattern: /^aspirate/u, colour: '#1f78a8' },
  { label: 'dispense', pattern: /^dispense/u, colour: '#2c8c5a' },
  { label: 'other command', pattern: /(?:)/u, colour: '#66727f' },
] as const;

interface Row {
  readonly call: Call;
  readonly depth: number;
}

type ToX = (text: string | null) => number;

/** The SVG text of a run. Times are drawn from the run's first call to its last. */
export function drawRun({ run, root, commands }: { run: Run; root: Call; commands: readonly Command[] }): string {
  const rows = listRows(root, 0);
  const beginMs = Date.parse(root.startedAt);
  const lengthMs = Math.max(Date.parse(root.endedAt ?? run.endedAt ?? root.startedAt) - beginMs, 1);
  const toPlace = (ms: number): number => CHART_BEGIN + (ms / lengthMs) * (CHART_END - CHART_BEGIN);
  const toX: ToX = (text) => toPlace(Date.parse(text ?? root.startedAt) - beginMs);
  const bottom = TOP + rows.length * ROW_HEIGHT;
  const height = bottom + MARGIN;
  const { completed, failed, uncertain } = run.counts.commands;
  const counts = `${completed} commands completed, ${failed} failed, ${uncertain} uncertain, in ${(lengthMs / 1_000).toFixed(2)} s`;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" font-family="DejaVu Sans, Verdana, sans-serif" font-size="13">`,
    `<rect width="${WIDTH}" height="${height}" fill="#ffffff"/>`,
    drawText({ x: MARGIN, y: 32, text: `${run.protocol} · ${run.status}`, extra: 'font-size="18" font-weight="bold"' }),
    drawText({ x: MARGIN, y: 56, text: counts, colour: FAINT_INK }),
    ...drawLegend(commands),
    ...drawTimeMarks({ lengthMs, toPlace, bottom }),
    ...rows.flatMap((row, index) => drawRow({ ...row, y: TOP + index * ROW_HEIGHT, commands, toX })),
    '</svg>',
    '',
  ].join('\n');
}

/** What the colours of the ticks mean, right-aligned beside the title; only those that occur. */
function drawLegend(commands: readonly Command[]): string[] {
  const entryWidth = 122;
  const used = METHOD_KINDS.filter((kind) => commands.some((command) => findKind(command) === kind));
  return used.flatMap(({ label, colour }, index) => {
    const x = WIDTH - MARGIN - (used.length - index) * entryWidth;
    return [drawBox({ x, y: 22, width: 4, height: 13, colour }), drawText({ x: x + 11, y: 33, text: label, colour: FAINT_INK })];
  });
}

function drawTimeMarks({ lengthMs, toPlace, bottom }: { lengthMs: number; toPlace: (ms: number) => number; bottom: number }): string[] {
  const stepMs = TIME_STEPS_MS.find((step) => lengthMs / step <= TIME_MARKS_MAX) ?? lengthMs;
  const marks = Array.from({ length: Math.floor(lengthMs / stepMs) + 1 }, (_, index) => index * stepMs);
  return marks.flatMap((ms) => [
    drawBox({ x: toPlace(ms), y: TOP - 8, width: 1, height: bottom - TOP + 8, colour: LINE }),
    drawText({
      x: toPlace(ms),
      y: TOP - 14,
      text: `${(ms / 1_000).toFixed(stepMs < 1_000 ? (stepMs < 100 ? 2 : 1) : 0)} s`,
      colour: FAINT_INK,
      extra: 'font-size="11" text-anchor="middle"',
    }),
  ]);
}

function drawRow(row: Row & { y: number; commands: readonly Command[]; toX: ToX }): string[] {
  const { call, depth, y, toX } = row;
  const x = toX(call.startedAt);
  const mine = row.commands.filter((command) => command.callPath === call.path);
  const textY = y + BAR_HEIGHT / 2 + 5;
  const ticks = mine.map((command) => {
    const colour = command.status === 'completed' ? findKind(command).colour : FAILURE;
    // The last tick of a call ends with its bar.
    const tickX = Math.min(toX(command.beganAt), Math.max(toX(call.endedAt) - TICK_WIDTH, x));
    return drawBox({ x: tickX, y: y + 4, width: TICK_WIDTH, height: BAR_HEIGHT - 8, colour });
  });
  const count = mine.length === 0 ? '' : `${mine.length} command${mine.length === 1 ? '' : 's'}`;
  return [
    drawText({ x: MARGIN + depth * INDENT, y: textY, text: toCallLabel(call.path) }),
    drawBox({
      x,
      y,
      width: Math.max(toX(call.endedAt) - x, TICK_WIDTH),
      height: BAR_HEIGHT,
      colour: BAR_COLOURS[call.status],
      extra: 'rx="3"',
    }),
    ...ticks,
    drawText({ x: WIDTH - MARGIN, y: textY, text: count, colour: FAINT_INK, extra: 'text-anchor="end"' }),
  ];
}

function findKind({ method }: Command): (typeof METHOD_KINDS)[number] {
  return METHOD_KINDS.find(({ pattern }) => pattern.test(method)) ?? METHOD_KINDS[3];
}

function drawText({
  x,
  y,
  text,
  colour = INK,
  extra = '',
}: {
  x: number;
  y: number;
  text: string;
  colour?: string;
  extra?: string;
}): string {
  return text === '' ? '' : `<text x="${x.toFixed(1)}" y="${y}" fill="${colour}" ${extra}>${escape(text)}</text>`;
}

function drawBox(box: { x: number; y: number; width: number; height: number; colour: string; extra?: string }): string {
  const { x, y, width, height, colour, extra = '' } = box;
  return `<rect x="${x.toFixed(1)}" y="${y}" width="${width.toFixed(1)}" height="${height}" fill="${colour}" ${extra}/>`;
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
  const lab = createClient({ url: api });
  const params = { id: runId };
  const commands = await lab.readAll('listCommands', { params });
  const root = await lab.getCalls({ params });
  if (root === null) throw new Error(`Run ${runId} has made no call yet.`);
  process.stdout.write(drawRun({ run: await lab.getRun({ params }), root, commands }));
}
