// The call tree of a run: arguments, status, commands and duration of each call.

import { formatValues } from './format-value.js';
import { formatDuration, measureMs } from './render-duration.js';
import type { Colour, Terminal } from '../terminal/terminal.js';
import type { Call, CallStatus } from '../../domain/runs/call.js';
import { toCallLabel, toCallOf, toParentCall } from '../../domain/runs/call-path.js';
import type { Command } from '../../domain/runs/command.js';

const MARKS: Readonly<Record<CallStatus, { mark: string; colour: Colour }>> = {
  running: { mark: '▸', colour: 'cyan' },
  completed: { mark: '✓', colour: 'green' },
  failed: { mark: '✗', colour: 'red' },
  cancelled: { mark: '■', colour: 'yellow' },
};

/** Where the tree was cut, a line says how to see the rest; `passedOver` children of the root are not shown. */
export function renderTree(root: Call, commands: readonly Command[], terminal: Terminal, passedOver = 0): string[] {
  const counts = countByCall(commands);
  const lines: string[] = [];
  const visit = (call: Call, prefixes: { own: string; below: string }): void => {
    lines.push(prefixes.own + renderCall(call, counts.get(call.path) ?? 0, terminal));
    const shown = (call === root ? passedOver : 0) + call.children.length;
    const hidden = Math.max(call.childCount - shown, 0);
    call.children.forEach((child, index) => {
      const isLast = hidden === 0 && index === call.children.length - 1;
      visit(child, { own: `${prefixes.below}${isLast ? '└─ ' : '├─ '}`, below: `${prefixes.below}${isLast ? '   ' : '│  '}` });
    });
    if (hidden > 0)
      lines.push(`${prefixes.below}└─ ${terminal.paint('dim', `… ${hidden} other calls: --call ${quote(call.path)} --after ${shown}`)}`);
  };
  visit(root, { own: '', below: '' });
  return lines;
}

/** For a shell, which would read the parts of a path. */
function quote(path: string): string {
  return /^[\w/.-]+$/u.test(path) ? path : `'${path}'`;
}

function renderCall(call: Call, commandCount: number, terminal: Terminal): string {
  const { mark, colour } = MARKS[call.status];
  const lastedMs = measureMs(call.startedAt, call.endedAt);
  const values = formatValues(call.arguments);
  const parts = [
    `${terminal.paint(colour, mark)} ${toCallLabel(call.path)}`,
    ...(values === '-' ? [] : [terminal.paint('dim', values)]),
    call.status,
    ...(commandCount > 0 ? [`${commandCount} ${commandCount === 1 ? 'command' : 'commands'}`] : []),
    ...(lastedMs === undefined ? [] : [formatDuration(lastedMs)]),
    ...(call.error ? [`${call.error.code}: ${call.error.message}`] : []),
  ];
  return parts.join('  ');
}

/** Commands of each call with those of the calls below it. */
function countByCall(commands: readonly Command[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { callPath } of commands) {
    for (let path = toCallOf(callPath); path !== ''; path = toParentCall(path)) {
      counts.set(path, (counts.get(path) ?? 0) + 1);
    }
  }
  return counts;
}
