// The inbox: everything that waits for a person. A question of a protocol, a command whose outcome is unknown, a
// machine that wants to be looked at, a time window that broke and an alarm are items; each is answered once, by whoever
// comes first.

import type { AlarmCause } from './alarm.js';
import { isJsonArray, isJsonObject, type Json, type JsonObject } from './json.js';
import { requireRecovery, type MachineError } from './machine-error.js';
import { isHandWork, QUESTION_KINDS, refuseAnswer as refuse, requireQuestionAnswer, type Question } from './question.js';
import type { StateCorrection } from './state-correction.js';

export type { MachineError, Recovery } from './machine-error.js';
export type { StateCorrection } from './state-correction.js';
export { isHandWork, QUESTION_KINDS, type Question, type QuestionKind } from './question.js';

/** A command of which nobody knows whether it moved, with all that is known. */
export interface UncertainCommand {
  readonly kind: 'uncertain-command';
  readonly text: string;
  readonly commandId: string;
  readonly machine: string;
  readonly method: string;
  readonly arguments: JsonObject;
  /** What the bridge knows: how far it came. */
  readonly known: string;
}

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

export const INBOX_STATUSES = ['open', 'answered', 'withdrawn'] as const;
export type InboxStatus = (typeof INBOX_STATUSES)[number];

export interface InboxItem {
  /** `runId/callPath/q<n>`, the id of the uncertain command, that of the failed one and `/error`, or that of the command that waits and `/look<n>`. */
  readonly id: string;
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

/** What the person answers to an uncertain command. */
export interface Resolution {
  readonly happened: 'done' | 'not-done' | 'partly';
  /** `retry` sends it again, `skip` goes on as if it had succeeded, `abort` fails the command. */
  readonly then: 'retry' | 'skip' | 'abort';
  /** What is true now where `happened` does not say it all; needed for `partly`. */
  readonly corrections?: readonly StateCorrection[];
  /** What a skipped command returns to the protocol. */
  readonly result?: Json;
}

/** An answer on its way to the workflow that waits for it. */
export interface GivenAnswer {
  readonly itemId: string;
  readonly answer: Json;
  readonly by: string;
  readonly note: string;
  readonly atMs: number;
}

/** Holds an answer against what was asked. Throws ANSWER_TYPE saying what is wanted; returns the answer to keep. */
export function requireAnswer(subject: InboxSubject, answer: Json): Json {
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

function requireResolution(answer: Json): Resolution {
  if (!isJsonObject(answer)) return refuse('an object with happened and then', answer);
  const { happened, then, corrections = [], result, ...unknown } = answer;
  const extra = Object.keys(unknown)[0];
  if (extra !== undefined) return refuse(`happened, then, corrections and result only, without '${extra}'`, answer);
  if (happened !== 'done' && happened !== 'not-done' && happened !== 'partly') return refuse('happened: done, not-done or partly', happened ?? null);
  if (then !== 'retry' && then !== 'skip' && then !== 'abort') return refuse('then: retry, skip or abort', then ?? null);
  if (!isJsonArray(corrections) || !corrections.every(isJsonObject)) return refuse('corrections: a list of facts', corrections);
  if (happened === 'partly' && corrections.length === 0) return refuse('at least one correction where the command was partly done', answer);
  if (happened === 'done' && then === 'retry') return refuse('skip or abort for a command that was done: a retry would do it twice', answer);
  return { happened, then, corrections: corrections as unknown as readonly StateCorrection[], ...(result === undefined ? {} : { result }) };
}
