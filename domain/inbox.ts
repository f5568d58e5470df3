// The inbox: everything that waits for a person. A question of a protocol, a command whose outcome is unknown and a
// machine that wants to be looked at are items; each is answered once, by whoever comes first.

import { LabError } from './error.js';
import { isJsonArray, isJsonObject, type Json, type JsonObject } from './json.js';

export const QUESTION_KINDS = ['confirm', 'choose', 'number', 'text'] as const;
export type QuestionKind = (typeof QUESTION_KINDS)[number];

/** What a protocol asks. The answer of `confirm` is a boolean, of `choose` one of the choices. */
export interface Question {
  readonly kind: QuestionKind;
  readonly text: string;
  readonly choices?: readonly string[];
  readonly unit?: string;
  readonly min?: number;
  readonly max?: number;
  /** What the person needs to see to decide, for example a plan. */
  readonly details?: Json;
}

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

export type InboxSubject = Question | UncertainCommand | HeldMachine;
/** Items whose answer is made true in the lab before it counts, and whose machine is quarantined meanwhile. */
export function isAboutMachine(subject: InboxSubject): subject is UncertainCommand | HeldMachine {
  return subject.kind === 'uncertain-command' || subject.kind === 'held-machine';
}

export type InboxKind = InboxSubject['kind'];

export const INBOX_STATUSES = ['open', 'answered', 'withdrawn'] as const;
export type InboxStatus = (typeof INBOX_STATUSES)[number];

export interface InboxItem {
  /** `runId/callPath/q<n>`, the id of the uncertain command, or that of the command that waits and `/look<n>`. */
  readonly id: string;
  readonly runId: string;
  readonly protocol: string;
  readonly callPath: string;
  readonly status: InboxStatus;
  readonly subject: InboxSubject;
  readonly createdAt: string;
  readonly answer?: Json;
  readonly answeredBy?: string;
  readonly answeredAt?: string;
  readonly note?: string;
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

/** A fact about the deck. Positions as protocols write them. */
export type StateCorrection =
  | { readonly labware: string; readonly item?: string; readonly volumeUl: number }
  | { readonly labware: string; readonly item: string; readonly hasTip: boolean }
  /** `tipFrom` null: the channel is empty; left out: as it was. */
  | { readonly machine: string; readonly channel: number; readonly tipFrom?: { readonly labware: string; readonly item: string } | null; readonly volumeUl?: number }
  /** Where a labware item stands. */
  | { readonly labware: string; readonly location: { readonly carrier: string; readonly site: number } | { readonly machine: string } };

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
  switch (subject.kind) {
    case 'confirm':
    case 'held-machine':
      return typeof answer === 'boolean' ? answer : refuse('yes or no (true or false)', answer);
    case 'choose':
      return typeof answer === 'string' && (subject.choices ?? []).includes(answer) ? answer : refuse(`one of ${(subject.choices ?? []).join(', ')}`, answer);
    case 'text':
      return typeof answer === 'string' ? answer : refuse('a text', answer);
    case 'number':
      return requireNumber(subject, answer);
    case 'uncertain-command':
      return requireResolution(answer) as unknown as Json;
  }
}

function requireNumber(question: Question, answer: Json): number {
  const unit = question.unit === undefined ? '' : ` ${question.unit}`;
  const wanted = `a number from ${question.min ?? '-∞'} to ${question.max ?? '∞'}${unit}`;
  if (typeof answer !== 'number' || !Number.isFinite(answer)) return refuse(wanted, answer);
  return answer >= (question.min ?? -Infinity) && answer <= (question.max ?? Infinity) ? answer : refuse(wanted, answer);
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

function refuse(wanted: string, got: Json): never {
  const shown = JSON.stringify(got);
  throw new LabError('ANSWER_TYPE', { message: `The answer must be ${wanted}; it was ${shown.length > 80 ? `${shown.slice(0, 77)}...` : shown}.`, field: 'answer' });
}
