// A run as a summary, as a row of a list, and as the last line of a watched one.

import { formatValue, formatValues } from './format-value.js';
import { renderChannels } from './render-channels.js';
import { formatDuration, formatInstant, formatMinute, measureMs } from './render-duration.js';
import type { Colour, Terminal } from '../terminal/terminal.js';
import type { Run, RunStatus, WaitingFor } from '../../domain/runs/run.js';

const STATUS_COLOURS: Readonly<Partial<Record<RunStatus, Colour>>> = {
  completed: 'green',
  failed: 'red',
  cancelled: 'yellow',
  'needs-operator': 'yellow',
  paused: 'yellow',
  pausing: 'yellow',
};

export function paintStatus(terminal: Terminal, status: RunStatus): string {
  return terminal.paint(STATUS_COLOURS[status] ?? 'cyan', status);
}

/** Of a run that continues another: the call it went on from, and why. */
export interface Origin {
  readonly from: string;
  readonly reason: string;
}

export function renderRunSummary(run: Run, terminal: Terminal, origin?: Origin): string[] {
  const { completed, failed, uncertain } = run.counts.commands;
  const lastedMs = measureMs(run.startedAt, run.endedAt);
  const lines = [
    `${terminal.paint('bold', run.protocol)} ${run.version}  ${paintStatus(terminal, run.status)}${lastedMs === undefined ? '' : ` in ${formatDuration(lastedMs)}`}`,
    `run         ${run.id}`,
    `mode        ${run.mode}, priority ${run.priority}, by ${run.createdBy}${run.timeScale === 1 ? '' : `, delays ${run.timeScale} times shorter`}`,
    ...renderOrigin(run, origin),
    `created     ${formatInstant(run.createdAt)}`,
    `started     ${formatInstant(run.startedAt)}`,
    `ended       ${formatInstant(run.endedAt)}`,
    `parameters  ${formatValues(run.parameters)}`,
    `assets      ${describeBinding(run) || '-'}`,
    `calls       ${run.counts.calls}`,
    `commands    ${completed} completed, ${failed} failed, ${uncertain} uncertain`,
    ...(run.waitingFor ?? []).map((waiting) => `waits for   ${describeWaiting(waiting)}`),
    ...renderOpenAssets(run),
    ...renderHold(run),
  ];
  if (run.result !== undefined && run.result !== null) lines.push(`result      ${formatValue(run.result)}`);
  if (run.error) {
    lines.push(`error       ${run.error.code}${renderWhere(run.error)}: ${run.error.message}`);
    const channels = renderChannels(run.error);
    if (channels !== undefined) lines.push(`channels    ${channels}`);
    if (run.error.remedy !== undefined) lines.push(`remedy      ${run.error.remedy}`);
  }
  return lines;
}

/** What the run waits with is no promise where nobody has named it. */
function renderOpenAssets({ openAssets = [] }: Run): string[] {
  if (openAssets.length === 0) return [];
  return [`may become  ${openAssets.join(', ')}: nobody has named them, and what fits and is free first is taken`];
}

/** `lh=star plate=plate_1`: which item stands behind each name. */
export function describeBinding({ assets }: Pick<Run, 'assets'>): string {
  return Object.entries(assets)
    .map(([name, asset]) => `${name}=${asset.name}`)
    .join(' ');
}

function renderOrigin({ continuesRunId, underRunId }: Run, { from, reason }: Origin = { from: '', reason: '' }): string[] {
  if (underRunId !== undefined) return [`by hand for ${underRunId}`];
  if (continuesRunId === undefined) return [];
  return [`continues   ${continuesRunId}${from === '' ? '' : ` from ${from}`}`, ...(reason === '' ? [] : [`because     ${reason}`])];
}

/** What holds the run, and the command that takes it away. */
function renderHold({ id, pauseReasons }: Run): string[] {
  const remedy = pauseReasons.includes('operator') ? `: go on with praxis resume ${id}` : '';
  return pauseReasons.length === 0 ? [] : [`held by     ${pauseReasons.join(', ')}${remedy}`];
}

export function renderRunRow(run: Run): string[] {
  const lastedMs = measureMs(run.startedAt, run.endedAt);
  const held = run.pauseReasons.length === 0 ? '' : ` (${run.pauseReasons.join(', ')})`;
  return [
    run.id,
    run.protocol,
    `${run.status}${held}`,
    formatMinute(run.createdAt),
    lastedMs === undefined ? '-' : formatDuration(lastedMs),
    String(run.counts.commands.completed),
  ];
}

/** `completed 84 commands in 3.2 s`, or what failed and what to do. */
export function renderRunEnd(run: Run, terminal: Terminal): string[] {
  const { completed, failed, uncertain } = run.counts.commands;
  const lastedMs = measureMs(run.startedAt ?? run.createdAt, run.endedAt) ?? 0;
  const noun = completed === 1 ? 'command' : 'commands';
  const joint = run.status === 'completed' ? '' : 'after ';
  const others = [failed > 0 ? `${failed} failed` : '', uncertain > 0 ? `${uncertain} uncertain` : ''].filter((text) => text !== '');
  const lines = [
    `${paintStatus(terminal, run.status)} ${joint}${completed} ${noun} in ${formatDuration(lastedMs)}${others.length > 0 ? ` (${others.join(', ')})` : ''}`,
  ];
  if (run.error) {
    lines.push(
      `${run.error.code}${renderWhere(run.error)}: ${run.error.message}${run.error.remedy === undefined ? '' : ` Remedy: ${run.error.remedy}`}`,
    );
  }
  return lines;
}

export function describeWaiting({ asset, heldByProtocol, heldByRunId, reason }: WaitingFor): string {
  switch (reason) {
    case 'held':
      return `${asset}, held by ${heldByProtocol} (run ${heldByRunId})`;
    case 'wanted-earlier':
      return `${asset}, wanted earlier by ${heldByProtocol} (run ${heldByRunId})`;
    case 'quarantined':
      return `${asset}, quarantined since ${heldByProtocol} (run ${heldByRunId}): inspect it and release it`;
  }
}

/** In which call, and in which line of its author. */
function renderWhere({ callPath, at }: NonNullable<Run['error']>): string {
  return `${callPath === undefined ? '' : ` in ${callPath}`}${at === undefined ? '' : ` at ${at}`}`;
}
