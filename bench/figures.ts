// What a bench found, as a line of the table at the end and as a record in test-results/bench.json.

import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { cpus } from 'node:os';

export interface Figure {
  readonly name: string;
  readonly value: number;
  readonly unit: '×' | 'ms' | 'MB' | 'workcells';
  /** Left out where the figure is only for orientation. */
  readonly goal?: { readonly atMost: number } | { readonly atLeast: number };
  readonly detail: string;
  /** Every measurement behind it. */
  readonly raw: Readonly<Record<string, readonly number[] | Readonly<Record<string, number>>>>;
}

/** What could not be measured, and why. */
export interface Omission {
  readonly name: string;
  readonly because: string;
}

export interface Findings {
  readonly figures: readonly Figure[];
  readonly omissions?: readonly Omission[];
}

export function judge({ value, goal }: Figure): 'reached' | 'MISSED' | '' {
  if (goal === undefined) return '';
  return ('atMost' in goal ? value <= goal.atMost : value >= goal.atLeast) ? 'reached' : 'MISSED';
}

export function toTable({ figures, omissions = [] }: Findings): string {
  const rows = figures.map((figure) => [
    figure.name,
    `${figure.value.toFixed(figure.unit === '×' ? 2 : 1)} ${figure.unit}`,
    toGoalText(figure),
    judge(figure),
    figure.detail,
  ]);
  const table = [['what', 'figure', 'goal', 'verdict', 'in detail'], ...rows];
  const widths = [0, 1, 2, 3].map((column) => Math.max(...table.map((row) => (row[column] ?? '').length)));
  const lines = table.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  );
  return [...lines, ...omissions.map(({ name, because }) => `${name}: not measured. ${because}`)].join('\n');
}

export async function writeFindings(root: string, { figures, omissions = [] }: Findings): Promise<void> {
  const folder = path.join(root, 'test-results');
  await mkdir(folder, { recursive: true });
  const machine = { processors: cpus().length, model: cpus()[0]?.model ?? 'unknown', node: process.version };
  const record = {
    at: new Date().toISOString(),
    machine,
    figures: figures.map((figure) => ({ ...figure, verdict: judge(figure) })),
    omissions,
  };
  await writeFile(path.join(folder, 'bench.json'), `${JSON.stringify(record, null, 2)}\n`);
}

function toGoalText({ goal, unit }: Figure): string {
  if (goal === undefined) return '';
  return 'atMost' in goal ? `≤ ${goal.atMost} ${unit}` : `≥ ${goal.atLeast} ${unit}`;
}
