// The inbox: everything that waits for a person. A question of a protocol, a command whose outcome is unknown, a
// machine that wants to be looked at, a time window that broke and an alarm are items; each is answered once, by whoever
// comes first.

import { INBOX_STATUSES, type InboxStatus } from '../../contract/words/inbox.js';
import type { AlarmCause } from './alarm.js';
import type { Json } from '../json/json.js';
import { requireSize } from '../values/byte-size.js';
import { requireRecovery, type MachineError } from './machine-error.js';
import { isHandWork, QUESTION_KINDS, refuseAnswer as refuse, requireQuestionAnswer, type Question } from './question.js';
import { requireResolution, type UncertainCommand } from './uncertain-command.js';

export type { MachineError, Recovery } from './machine-error.js';
export type { StateCorrection } from './state-correction.js';
export type { ChannelStatement, Resolution, UncertainCommand } from './uncertain-command.js';
export { isHandWork, QUESTION_KINDS, type Question, type QuestionKind } from './question.js';

/** A machine at which somebody has to look before the next command begins: nobody saw what it did with what it held. */
export interface HeldMachine {
  readonly kind: 'held-machine';
  readonly text: string;
  /** The command that waits. It has not begun. */
  readonly commandId: string;
  readonly machine: string;
  /** Why, as the bridge says it. */
  readonly known: string;
}

/** Work that was to be over by now. The run is held until somebody decides: `go-on`, or `abort`, which cancels it. */
export interface BrokenWindow {
  readonly kind: 'time-window';
  readonly text: string;
  readonly window: string;
  readonly maxMs: number;
  readonly startedAt: string;
}

export const WINDOW_ANSWERS = ['go-on', 'abort'] as const;

/** Something is not as it should be, and nobody's answer moves anything: it is acknowledged with yes. */
export interface Alarm {
  readonly kind: 'alarm';
  readonly text: string;
  readonly cause: AlarmCause;
  readonly workcell: string;
  readonly machine?: string;
  readonly commandId?: string;
}

export type InboxSubject = Question | UncertainCommand | MachineError | HeldMachine | BrokenWindow | Alarm;
/** Items whose machine is quarantined until they are answered. */
export function isAboutMachine(subject: InboxSubject): subject is UncertainCommand | HeldMachine {
  return subject.kind === 'uncertain-command' || subject.kind === 'held-machine';
}

/** Items whose answer is made true in the lab before it counts. */
export function isMadeTrue(subject: InboxSubject): boolean {
  return isAboutMachine(subject) || subject.kind === 'machine-error' || isHandWork(subject);
}

export function isQuestion(subject: InboxSubject): subject is Question {
  return (QUESTION_KINDS as readonly string[]).includes(subject.kind);
}

export type InboxKind = InboxSubject['kind'];

export { INBOX_STATUSES, type InboxStatus };

export interface InboxItem {
  /** `runId/callPath/q<n>`, the id of the uncertain command, that of the failed one and `/error`, or that of the command that waits and `/look<n>`. */
  readonly id: string;
  /** Rises with each change; events of the item carry it. */
  readonly rev: number;
  /** Null for an alarm that is about no run alone. */
  readonly runId: string | null;
  readonly protocol: string | null;
  readonly callPath: string;
  readonly status: InboxStatus;
  readonly subject: InboxSubject;
  readonly createdAt: string;
  readonly answer?: Json;
  readonly answeredBy?: string;
  readonly answeredAt?: string;
  readonly note?: string;
  /** Of an alarm: when its cause was over. */
  readonly endedAt?: string;
  /** How often people were told again, and when it was escalated. */
  readonly reminders?: number;
  readonly escalatedAt?: string;
}

/** An answer on its way to the workflow that waits for it. */
export interface GivenAnswer {
  readonly itemId: string;
  readonly answer: Json;
  readonly by: string;
  readonly note: string;
  readonly atMs: number;
}

/** Of an answer: lists of the inbox show all of it, and the run carries it to its end. */
export const ANSWER_LIMIT_BYTES = 64 * 1024;

/** Holds an answer against what was asked. Throws ANSWER_TYPE saying what is wanted, or VALUE_TOO_LARGE; returns the answer to keep. */
export function requireAnswer(subject: InboxSubject, answer: Json): Json {
  requireSize(answer, 'the answer', {
    limitBytes: ANSWER_LIMIT_BYTES,
    remedy: 'Answer in short, and say where the rest can be read.',
    field: 'answer',
  });
  if (isQuestion(subject)) return requireQuestionAnswer(subject, answer);
  switch (subject.kind) {
    case 'held-machine':
      return typeof answer === 'boolean' ? answer : refuse('yes or no (true or false)', answer);
    case 'time-window':
      return WINDOW_ANSWERS.some((choice) => choice === answer) ? answer : refuse(`one of ${WINDOW_ANSWERS.join(', ')}`, answer);
    case 'alarm':
      return answer === true ? answer : refuse('yes (true): an alarm is acknowledged', answer);
    case 'uncertain-command':
      return requireResolution(answer) as unknown as Json;
    case 'machine-error':
      return requireRecovery(subject, answer) as unknown as Json;
  }
}
