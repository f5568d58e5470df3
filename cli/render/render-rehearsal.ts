// The report of a rehearsal for a terminal: the verdict first, then what a run needs; with every command where asked for.

import { formatValue } from './format-value.js';
import { formatDuration } from './render-duration.js';
import { renderTable } from './render-table.js';
import type { Terminal } from '../terminal/terminal.js';
import { toCallOf } from '../../domain/runs/call-path.js';
import { isJsonObject, type JsonObject } from '../../domain/json/json.js';
import type { RehearsalFailure, RehearsalReport, RehearsedCommand } from '../../domain/rehearsal/rehearsal.js';

/** Positions and containers named one by one; of more the number is told. */
const NAMED_MAX = 12;

export function renderRehearsal(report: RehearsalReport, { isFull, terminal }: { isFull: boolean; terminal: Terminal }): string[] {
  const { counts, expectedMs, protocol, version, workcell } = report;
  const mark = report.isOk ? terminal.paint('green', '✓') : terminal.paint('red', '✗');
  const verdict = report.isOk ? 'would complete' : 'would fail';
  return [
    `${mark} ${protocol} ${version} ${verdict}${workcell === '' ? '' : ` on ${workcell}`}: ${counts.commands} commands, ${counts.calls} calls, ${formatDuration(expectedMs)} without waiting for anybody`,
    ...(report.failure ? renderFailure(report.failure) : []),
    ...renderNeeds(report),
    ...report.warnings.map((warning) => `${terminal.paint('yellow', '!')} ${warning}`),
    ...(isFull ? ['', ...renderCommands(report.commands)] : []),
  ];
}

function renderFailure({ code, message, remedy, callPath, place, command }: RehearsalFailure): string[] {
  return [
    `  ${code}: ${message}`,
    ...(place ? [`  at       ${place.file}:${place.line}`] : []),
    ...(callPath === undefined ? [] : [`  in       ${callPath}`]),
    ...(command ? [`  command  ${command.machine}.${command.method} ${formatDuration(command.atMs)} after the start`] : []),
    ...(remedy === undefined ? [] : [`  Remedy: ${remedy}`]),
  ];
}

function renderNeeds({ assets, tips, volumes, questions, data, ledger }: RehearsalReport): string[] {
  const uses = Object.entries(assets).map(([name, item]) => (name === item ? name : `${name}=${item}`));
  return [
    ...(uses.length > 0 ? [`  uses     ${uses.join(' ')}`] : []),
    ...tips.map(({ rack, positions }) => `  tips     ${rack}: ${positions.length} (${shorten(positions)})`),
    ...sumVolumes(volumes).map((line) => `  volumes  ${line}`),
    ...questions.map(({ text, answer, isAssumed }) => `  asks     ${text} → ${formatValue(answer)}${isAssumed ? ' (assumed)' : ''}`),
    ...data.map(({ name, count }) => `  data     ${name}${count === 1 ? '' : `, ${count} times`}`),
    `  ledger   ${ledger.entries} of ${ledger.entriesMax} operations, ${Math.ceil(ledger.bytes / 1024)} of ${ledger.bytesMax / 1024} KiB`,
  ];
}

function sumVolumes(volumes: RehearsalReport['volumes']): string[] {
  const labware = [...new Set(volumes.map((each) => each.labware))];
  return labware.map((name) => {
    const parts = volumes.filter((each) => each.labware === name);
    const sum = (key: 'drawnUl' | 'givenUl'): number => Math.round(parts.reduce((total, each) => total + each[key], 0) * 10) / 10;
    const lowest = Math.min(...parts.map(({ lowestUl }) => lowestUl));
    const highest = Math.max(...parts.map(({ highestUl }) => highestUl));
    const where = parts.length === 1 ? (parts[0]?.item ?? '') : `${parts.length} wells`;
    return `${name}${where === '' ? '' : ` (${where})`}: ${sum('drawnUl')} µL out, ${sum('givenUl')} µL in, from ${lowest} to ${highest} µL`;
  });
}

function renderCommands(commands: readonly RehearsedCommand[]): string[] {
  const rows = commands.map(({ atMs, expectedMs, callPath, machine, method, status, code, ...rest }) => [
    formatDuration(atMs),
    formatDuration(expectedMs),
    toCallOf(callPath),
    `${machine}.${method}`,
    status === 'completed' ? describeDelta((rest as { delta?: JsonObject }).delta) : (code ?? status),
  ]);
  return [...renderTable(['AT', 'TAKES', 'CALL', 'COMMAND', 'CHANGES'], rows)];
}

/** What the deck shows of it: volumes, tips and places. */
function describeDelta(delta: JsonObject = {}): string {
  const changes = Object.entries(delta).flatMap(([name, entry]) => {
    if (!isJsonObject(entry) || typeof entry['labware'] !== 'string') return [];
    const item = typeof entry['item'] === 'string' ? `${entry['labware']}:${entry['item']}` : name;
    if ('tip' in entry) return [`${item} ${entry['tip'] === null ? 'without tip' : 'with tip'}`];
    if (typeof entry['volumeUl'] === 'number') return [`${item} ${Math.round(entry['volumeUl'] * 10) / 10} µL`];
    return entry['place'] === undefined ? [] : [`${item} at ${formatValue(entry['place'])}`];
  });
  return changes.length === 0 ? '-' : shorten(changes);
}

function shorten(names: readonly string[]): string {
  const shown = names.slice(0, NAMED_MAX).join(', ');
  return names.length > NAMED_MAX ? `${shown} and ${names.length - NAMED_MAX} more` : shown;
}
