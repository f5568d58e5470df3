// Events of a run beside its calls and commands, as lines: control, inbox, assets, and what the protocol tells.

import { formatValue, formatValues } from './format-value.js';
import { describeWaiting } from './render-run.js';
import type { Terminal } from '../terminal/terminal.js';
import type { EventData, EventType, LabEvent } from '../../domain/history/event.js';
import { isJsonArray, type Json } from '../../domain/json/json.js';

type Describe<T extends EventType> = (data: EventData<T>, terminal: Terminal) => string;

/** Told as the call tree, as kept data, as one line for each that is waited for, as the question itself, and as the last line. */
type ToldOtherwise =
  | `call.${'started' | 'completed' | 'failed' | 'cancelled'}`
  | `command.${'began' | 'completed' | 'failed' | 'stopped' | 'uncertain'}`
  | `run.${'data' | 'waiting' | 'completed' | 'failed' | 'cancelled'}`
  | 'inbox.opened';

/** A new type of event fails to compile until it has its line. */
const NEWS: { readonly [T in Exclude<EventType, ToldOtherwise>]: Describe<T> } = {
  'run.created': (data) => `created by ${toText(data.createdBy)}: ${toText(data.protocol)} ${toText(data.version)}, ${toText(data.mode)}`,
  'run.started': () => 'started',
  'run.granted': (data) => `assets granted${data.assets === undefined ? '' : `: ${formatValues(data.assets)}`}`,
  'run.needs-operator': (_data, terminal) => terminal.paint('yellow', 'needs an operator'),
  'run.pausing': (data, terminal) => terminal.paint('yellow', `pausing (${toNames(data.reasons)})`),
  'run.paused': (data, terminal) => terminal.paint('yellow', `paused (${toNames(data.reasons)})`),
  'run.resumed': () => 'goes on',
  'run.cancelling': (_data, terminal) => terminal.paint('yellow', 'is being cancelled'),
  'run.commanded': (data) => `by hand: ${toText(data.method)} by ${toText(data.by)}${toWhy(data.reason)}`,
  'run.notified': (data) => `${toText(data.title)}: ${toText(data.text)}`,
  'run.window-warned': (data, terminal) => terminal.paint('yellow', `time window: ${toText(data.text)}`),
  'run.window-broken': (data, terminal) => terminal.paint('yellow', `time window: ${toText(data.text)}`),
  'inbox.reminded': (data, terminal) => terminal.paint('yellow', `  still waits for an answer: ${toText(data.text)}`),
  'inbox.escalated': (data, terminal) => terminal.paint('red', `  waits too long for an answer: ${toText(data.text)}`),
  'inbox.answered': (data) => `  answered ${formatValue(data.answer ?? null)} by ${toText(data.by)}`,
  'inbox.withdrawn': () => '  no longer asked',
  'alarm.raised': (data, terminal) => terminal.paint('red', `alarm: ${toText(data.text)}`),
  'alarm.ended': () => '  alarm over, not yet acknowledged',
  'alarm.acknowledged': (data) => `  alarm acknowledged by ${toText(data.by)}`,
  'command.late': (data) => `  the driver of ${toText(data.machine)}.${toText(data.method)} returned after its deadline`,
  'command.resolved': (data) => `  resolved: the command was ${toText(data.happened)}, says ${toText(data.by)}`,
  'labware.replaced': (data) => `  labware replaced: ${toNames(data.labware)}`,
  'labware.placed': (data) =>
    `  ${toText(data.labware)} stands at ${formatValue(data.location ?? null)}, says ${toText(data.by)}${toWhy(data.note)}`,
  'machine.quarantined': (data, terminal) => terminal.paint('red', `  ${toText(data.machine)} is quarantined${toWhy(data.reason)}`),
  'machine.released': (data) => `  ${toText(data.machine)} released by ${toText(data.releasedBy)}${toWhy(data.note)}`,
  'machine.connecting': (data) => `  ${toText(data.machine)} is being connected by ${toText(data.by)}${toWhy(data.note)}`,
  'machine.aborted': (data, terminal) => terminal.paint('yellow', `  ${toText(data.machine)} aborted by ${toText(data.by)}`),
  'workcell.stopped': (data, terminal) =>
    terminal.paint('red', `${toText(data.workcell)} stopped by ${toText(data.by)}${toWhy(data.reason)}`),
  'workcell.released': (data) => `${toText(data.workcell)} released by ${toText(data.by)}`,
  'workcell.journal-lost': (data, terminal) =>
    terminal.paint('red', `${toText(data.workcell)}: ${toText(data.because)} Nothing moves there.`),
  'workcell.journal-accepted': (data) => `journal of ${toText(data.workcell)} accepted by ${toText(data.by)}`,
};

/** Empty for events that are shown in another way. */
export function describeNews(event: LabEvent, terminal: Terminal): readonly string[] {
  if (event.type === 'run.waiting') return event.data.waitingFor.map((waiting) => `waits for ${describeWaiting(waiting)}`);
  // The data is that of the type, which the compiler cannot follow through the table.
  const describe = (NEWS as Partial<Record<EventType, (data: object, terminal: Terminal) => string>>)[event.type];
  return describe === undefined ? [] : [describe(event.data, terminal)];
}

function toWhy(text: Json | undefined): string {
  return text === undefined || text === '' ? '' : `: ${toText(text)}`;
}

export function toText(value: Json | undefined): string {
  return typeof value === 'string' ? value : value === undefined ? '?' : JSON.stringify(value);
}

function toNames(names: Json | undefined): string {
  return names !== undefined && isJsonArray(names) ? names.map(toText).join(', ') : '?';
}
