// An inbox item as a person reads it: what is asked, what is known, and the command that answers it.

import { describeCommand } from '../../domain/catalogue/describe-command.js';
import { isQuestion, type InboxItem, type Question } from '../../domain/inbox/inbox.js';
import { describeSpec } from '../../domain/protocols/parameter.js';
import { isJsonObject, type JsonObject } from '../../domain/json/json.js';
import { listAnswerCommands } from './describe-answer.js';
import { formatDuration, formatInstant } from './render-duration.js';
import { renderFacts } from './render-facts.js';
import type { Terminal } from '../terminal/terminal.js';

export function renderItem(item: InboxItem, terminal: Terminal): string[] {
  const { subject } = item;
  const isAlarm = subject.kind === 'alarm';
  const sign = isAlarm ? terminal.paint('red', '!') : terminal.paint('yellow', '?');
  const asked = isAlarm
    ? `  raised   ${formatInstant(item.createdAt)}${item.runId === null ? '' : ` of run ${item.runId}`}`
    : `  asked    ${formatInstant(item.createdAt)} by ${item.callPath}`;
  const lines = [`${sign} ${terminal.paint('bold', subject.text)}`, `  item     ${item.id}`, asked, ...describeWaiting(item)];
  if ('method' in subject)
    lines.push(`  command  ${describeCommand(subject.machine, subject.method, subject.arguments)}`, `  known    ${subject.known}`);
  else if (isQuestion(subject)) lines.push(...renderQuestion(subject), ...renderTimeout(item, subject));
  if (subject.kind === 'uncertain-command') lines.push(...renderFacts(subject.facts));
  if (subject.kind === 'machine-error')
    lines.push(
      ...renderChannels(subject.channels),
      ...(item.status === 'open' ? [`  by hand  praxis machines command ${subject.machine} <method> --run ${item.runId ?? ''}`] : []),
    );
  if (item.status === 'open')
    lines.push(...listAnswerCommands(item).map((command, k) => `  ${k === 0 ? 'answer' : '      '}   ${command}`));
  else lines.push(`  ${describeClosing(item)}`);
  return lines;
}

function renderQuestion({ labware, to, picture, fields = {}, details }: Question): string[] {
  return [
    ...(labware === undefined
      ? []
      : [`  labware  ${labware.join(', ')}${to === undefined ? '' : ` to ${'carrier' in to ? `${to.carrier}:${to.site}` : to.machine}`}`]),
    ...(picture === undefined ? [] : [`  picture  ${picture}`]),
    ...Object.entries(fields).map(
      ([name, spec]) => `  field    ${name}: ${describeSpec(spec)}${spec.description === undefined ? '' : `, ${spec.description}`}`,
    ),
    ...(details === undefined ? [] : [`  details  ${JSON.stringify(details)}`]),
  ];
}

/** Until when an answer is waited for, and what holds then. */
function renderTimeout({ status, createdAt }: InboxItem, { timeout }: Question): string[] {
  if (timeout === undefined) return [];
  const then = timeout.answer === undefined ? 'ANSWER_TIMEOUT' : JSON.stringify(timeout.answer);
  if (status !== 'open') return [`  timeout  ${formatDuration(timeout.afterMs)} after it was asked, then ${then}`];
  const until = new Date(Date.parse(createdAt) + timeout.afterMs).toISOString();
  return [`  until    ${formatInstant(until)} (${formatDuration(timeout.afterMs)} after it was asked), then ${then}`];
}

/** What each channel did, where the machine told. */
function renderChannels(channels: JsonObject | undefined): string[] {
  return Object.entries(channels ?? {}).map(([channel, what]) => {
    const { done, message } = isJsonObject(what) ? what : {};
    return `  channel  ${channel}: ${done === true ? 'done' : `not done${typeof message === 'string' ? `, ${message}` : ''}`}`;
  });
}

/** What happened while nobody answered. */
function describeWaiting({ reminders, escalatedAt, endedAt }: InboxItem): string[] {
  return [
    ...(reminders === undefined ? [] : [`  reminded ${reminders} ${reminders === 1 ? 'time' : 'times'}`]),
    ...(escalatedAt === undefined ? [] : [`  escalated ${formatInstant(escalatedAt)}`]),
    ...(endedAt === undefined ? [] : [`  over     since ${formatInstant(endedAt)}`]),
  ];
}

function describeClosing({ status, answer, answeredBy, answeredAt, note }: InboxItem): string {
  if (status === 'withdrawn') return `withdrawn: ${note ?? 'the run went on or ended without an answer'}`;
  return `answered ${JSON.stringify(answer)} by ${answeredBy ?? '?'} at ${formatInstant(answeredAt ?? null)}${note === undefined ? '' : `: ${note}`}`;
}
