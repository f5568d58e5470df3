// Follows the events of a run and turns each into a line: the call tree as it grows, with every command as it ends.

import { describeCommand } from '../../domain/catalogue/describe-command.js';
import { describeNews, toText } from './describe-news.js';
import { formatValues } from './format-value.js';
import { createKeptData } from './kept-data.js';
import { renderChannels } from './render-channels.js';
import { formatDuration } from './render-duration.js';
import type { Terminal } from '../terminal/terminal.js';
import { toCallLabel } from '../../domain/runs/call-path.js';
import type { EventType, LabEvent } from '../../domain/history/event.js';
import { isJsonObject, type Json, type JsonObject } from '../../domain/json/json.js';

/** Events that the status line names while no command is at work. */
const RUN_STATES: ReadonlySet<string> = new Set<EventType>([
  'run.started',
  'run.waiting',
  'run.granted',
  'run.needs-operator',
  'run.pausing',
  'run.paused',
  'run.resumed',
  'run.cancelling',
]);

const RUN_ENDS: ReadonlySet<string> = new Set<EventType>(['run.completed', 'run.failed', 'run.cancelled']);

interface OpenItem {
  readonly text: string;
  readonly depth: number;
  readonly atMs: number;
  isAnnounced: boolean;
}

export interface EventRenderer {
  show(event: LabEvent): void;
  /** Prints the commands that have begun and not ended, once each; for output without a status line. */
  announceOpenCommands(): void;
  /** What the status line says: the command at work. */
  describeNow(): string;
  readonly hasOpenWork: () => boolean;
}

type CallEvent = Extract<LabEvent, { type: `call.${string}` }>;
type CommandEvent = Extract<LabEvent, { data: { arguments: JsonObject } }>;

function describeArguments({ data }: CallEvent, terminal: Terminal): string {
  const values = data.arguments === undefined ? '-' : formatValues(data.arguments);
  return values === '-' ? '' : terminal.paint('dim', `  ${values}`);
}

export function createEventRenderer(terminal: Terminal): EventRenderer {
  const calls = new Map<string, OpenItem>();
  const commands = new Map<string, OpenItem>();
  let endedCommands = 0;
  let runState = 'created';
  const print = (depth: number, mark: string, text: string): void => terminal.line(`${'  '.repeat(depth)}${mark} ${text}`);

  const kept = createKeptData();
  const showKept = (callPath: string): void => {
    for (const { path, text } of kept.take(callPath)) print(measureDepth(path) + 1, '·', `kept ${text}`);
  };
  const showCall = (event: CallEvent): void => {
    const path = event.callPath ?? '';
    const depth = measureDepth(path);
    const name = toCallLabel(path);
    if (event.type === 'call.started') {
      calls.set(path, { text: name, depth, atMs: Date.parse(event.at), isAnnounced: true });
      print(depth, terminal.paint('cyan', '▸'), `${terminal.paint('bold', name)}${describeArguments(event, terminal)}`);
      return;
    }
    showKept(path);
    const lasted = describeLasted(calls.get(path), event);
    calls.delete(path);
    const outcome = event.type.slice('call.'.length);
    print(depth, markOutcome(terminal, outcome), `${name} ${outcome}${lasted}${describeError(event.data.error)}`);
  };
  const showCommand = (event: CommandEvent): void => {
    const { id } = event.data;
    const depth = measureDepth(event.callPath ?? '') + 1;
    if (event.type === 'command.began') {
      commands.set(id, { text: describeCommandEvent(event), depth, atMs: Date.parse(event.at), isAnnounced: false });
      return;
    }
    const begun = commands.get(id);
    commands.delete(id);
    endedCommands += 1;
    const outcome = event.type.slice('command.'.length);
    const shown = outcome === 'completed' ? '' : ` ${outcome}`;
    print(
      depth,
      markOutcome(terminal, outcome),
      `${begun?.text ?? describeCommandEvent(event)}${shown}${describeLasted(begun, event)}${describeError(event.data.error)}`,
    );
  };

  return {
    show: (event) => {
      if (isAboutCall(event)) showCall(event);
      else if (isAboutCommand(event)) showCommand(event);
      else if (event.type === 'run.data') kept.add(event.callPath ?? '', event.data.name);
      else for (const line of describeNews(event, terminal)) terminal.line(line);
      if (RUN_ENDS.has(event.type)) showKept('');
      if (RUN_STATES.has(event.type)) runState = event.type.slice('run.'.length);
    },
    announceOpenCommands: () => {
      for (const command of commands.values()) {
        if (command.isAnnounced) continue;
        command.isAnnounced = true;
        print(command.depth, '▸', `${command.text} …`);
      }
    },
    describeNow: () => {
      const current = [...commands.values()].at(-1)?.text ?? runState;
      return `… ${current}  (${[`${endedCommands} ${endedCommands === 1 ? 'command' : 'commands'} ended`, ...kept.list()].join(', ')})`;
    },
    hasOpenWork: () => commands.size > 0 || calls.size > 0,
  };
}

/** One line of the plain list of events. */
export function renderEventLine(event: LabEvent): string {
  const parts = [String(event.seq ?? event.pos), event.at, event.type, event.callPath ?? '', formatValues(event.data)];
  return parts.filter((part) => part !== '' && part !== '-').join('  ');
}

function isAboutCall(event: LabEvent): event is CallEvent {
  return event.type.startsWith('call.');
}

/** Of a command from its beginning to its end; what is told of it later has lines of its own. */
function isAboutCommand(event: LabEvent): event is CommandEvent {
  return event.type.startsWith('command.') && event.type !== 'command.resolved' && event.type !== 'command.late';
}

function describeCommandEvent({ data }: CommandEvent): string {
  return describeCommand(data.machine, data.method, data.arguments);
}

function describeLasted(begun: OpenItem | undefined, event: LabEvent): string {
  return begun === undefined ? '' : `  ${formatDuration(Math.max(0, Date.parse(event.at) - begun.atMs))}`;
}

function describeError(error: Json | undefined): string {
  if (error === undefined || !isJsonObject(error)) return '';
  const channels = renderChannels(error);
  return `  ${toText(error['code'])}: ${toText(error['message'])}${channels === undefined ? '' : `  (${channels})`}`;
}

function markOutcome(terminal: Terminal, outcome: string): string {
  if (outcome === 'completed') return terminal.paint('green', '✓');
  return outcome === 'failed' ? terminal.paint('red', '✗') : terminal.paint('yellow', outcome === 'uncertain' ? '?' : '■');
}

function measureDepth(callPath: string): number {
  return callPath.split('/').length - 1;
}
