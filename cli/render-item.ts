// An inbox item as a person reads it: what is asked, what is known, and the command that answers it.

import { describeCommand } from '../domain/catalogue/describe-command.js';
import type { InboxItem, InboxSubject } from '../domain/inbox.js';
import { formatInstant } from './render-duration.js';
import type { Terminal } from './terminal.js';

export function renderItem(item: InboxItem, terminal: Terminal): string[] {
  const { subject } = item;
  const lines = [`${terminal.paint('yellow', '?')} ${terminal.paint('bold', subject.text)}`, `  item     ${item.id}`, `  asked    ${formatInstant(item.createdAt)} by ${item.callPath}`];
  if (subject.kind === 'uncertain-command') {
    lines.push(`  command  ${describeCommand(subject.machine, subject.method, subject.arguments)}`, `  known    ${subject.known}`);
  } else if (subject.kind !== 'held-machine' && subject.details !== undefined) {
    lines.push(`  details  ${JSON.stringify(subject.details)}`);
  }
  if (item.status === 'open') lines.push(`  answer   ${describeAnswerCommand(item)}`);
  else lines.push(`  ${describeClosing(item)}`);
  return lines;
}

/** `praxis answer <item> yes|no`: what to type. */
export function describeAnswerCommand({ id, subject }: Pick<InboxItem, 'id' | 'subject'>): string {
  return `praxis answer ${id} ${describeWanted(subject)}`;
}

function describeWanted(subject: InboxSubject): string {
  switch (subject.kind) {
    case 'confirm':
    case 'held-machine':
      return 'yes|no';
    case 'choose':
      return (subject.choices ?? []).map((choice) => (/^[\w.-]+$/u.test(choice) ? choice : `'${choice}'`)).join('|');
    case 'number':
      return describeNumber(subject);
    case 'text':
      return "'text'";
    case 'uncertain-command':
      return "--happened done|not-done|partly --then retry|skip|abort --note 'what you saw'";
  }
}

function describeNumber({ min, max, unit }: { min?: number; max?: number; unit?: string }): string {
  const limits = min !== undefined && max !== undefined ? ` from ${min} to ${max}` : min !== undefined ? ` of at least ${min}` : max !== undefined ? ` of at most ${max}` : '';
  return `<number${limits}${unit === undefined ? '' : ` ${unit}`}>`;
}

function describeClosing({ status, answer, answeredBy, answeredAt, note }: InboxItem): string {
  if (status === 'withdrawn') return 'withdrawn: the run went on or ended without an answer';
  return `answered ${JSON.stringify(answer)} by ${answeredBy ?? '?'} at ${formatInstant(answeredAt ?? null)}${note === undefined ? '' : `: ${note}`}`;
}
