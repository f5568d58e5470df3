// Events of a run beside its calls and commands, as lines: control, inbox, assets, and what the protocol tells.

import { formatValue } from './format-value.js';
import { describeWaiting } from './render-run.js';
import type { Terminal } from './terminal.js';
import type { LabEvent } from '../domain/event.js';
import { isJsonArray, type Json } from '../domain/json.js';
import type { WaitingFor } from '../domain/run.js';

/** Empty for events that are shown in another way or need no line. */
export function describeNews({ type, data }: LabEvent, terminal: Terminal): readonly string[] {
  switch (type) {
    case 'run.waiting':
      return readWaiting(data['waitingFor']).map((waiting) => `waits for ${describeWaiting(waiting)}`);
    case 'run.granted':
      return ['assets granted'];
    case 'run.needs-operator':
      return [terminal.paint('yellow', 'needs an operator')];
    case 'run.pausing':
    case 'run.paused':
      return [terminal.paint('yellow', `${type.slice('run.'.length)} (${toNames(data['reasons'])})`)];
    case 'run.resumed':
      return ['goes on'];
    case 'run.cancelling':
      return [terminal.paint('yellow', 'is being cancelled')];
    case 'run.commanded':
      return [`by hand: ${toText(data['method'])} by ${toText(data['by'])}${data['reason'] === '' ? '' : `: ${toText(data['reason'])}`}`];
    case 'run.notified':
      return [`${toText(data['title'])}: ${toText(data['text'])}`];
    case 'run.window-warned':
    case 'run.window-broken':
      return [terminal.paint('yellow', `time window: ${toText(data['text'])}`)];
    case 'inbox.reminded':
      return [terminal.paint('yellow', `  still waits for an answer: ${toText(data['text'])}`)];
    case 'inbox.escalated':
      return [terminal.paint('red', `  waits too long for an answer: ${toText(data['text'])}`)];
    case 'alarm.raised':
      return [terminal.paint('red', `alarm: ${toText(data['text'])}`)];
    case 'alarm.ended':
      return ['  alarm over, not yet acknowledged'];
    case 'alarm.acknowledged':
      return [`  alarm acknowledged by ${toText(data['by'])}`];
    case 'inbox.answered':
      return [`  answered ${formatValue(data['answer'] ?? null)} by ${toText(data['by'])}`];
    case 'inbox.withdrawn':
      return ['  no longer asked'];
    case 'command.late':
      return [`  the driver of ${toText(data['machine'])}.${toText(data['method'])} returned after its deadline`];
    case 'command.resolved':
      return [`  resolved: the command was ${toText(data['happened'])}, says ${toText(data['by'])}`];
    case 'machine.aborted':
      return [terminal.paint('yellow', `  ${toText(data['machine'])} aborted by ${toText(data['by'])}`)];
    case 'workcell.stopped':
      return [terminal.paint('red', `${toText(data['workcell'])} stopped by ${toText(data['by'])}: ${toText(data['reason'])}`)];
    case 'workcell.released':
      return [`${toText(data['workcell'])} released by ${toText(data['by'])}`];
    case 'workcell.journal-lost':
      return [terminal.paint('red', `${toText(data['workcell'])}: ${toText(data['because'])} Nothing moves there.`)];
    case 'workcell.journal-accepted':
      return [`journal of ${toText(data['workcell'])} accepted by ${toText(data['by'])}`];
    case 'labware.replaced':
      return [`  labware replaced: ${toNames(data['labware'])}`];
    default:
      return [];
  }
}

export function toText(value: Json | undefined): string {
  return typeof value === 'string' ? value : value === undefined ? '?' : JSON.stringify(value);
}

function toNames(names: Json | undefined): string {
  return names !== undefined && isJsonArray(names) ? names.map(toText).join(', ') : '?';
}

function readWaiting(waiting: Json | undefined): readonly WaitingFor[] {
  // Written by the database functions from this very type.
  return waiting !== undefined && isJsonArray(waiting) ? (waiting as unknown as readonly WaitingFor[]) : [];
}
