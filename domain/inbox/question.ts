// What a protocol may ask of a person, and which answers fit: words, choices, numbers, whole forms, and work that a person
// does with their hands.

import { QUESTION_KINDS, type QuestionKind } from '../../contract/words/inbox.js';
import { requireSize } from '../values/byte-size.js';
import { LabError } from '../errors/error.js';
import { isJsonObject, type Json } from '../json/json.js';
import type { LabwareLocation } from '../workcells/workcell-spec.js';
import { checkParameters, describeSpec, type ParameterSpecMap } from '../protocols/parameter.js';

export { QUESTION_KINDS, type QuestionKind };

/** Of what a person reads first. */
export const QUESTION_TEXT_LIMIT_BYTES = 16 * 1024;
/** Of a question with its choices, fields and details: lists of the inbox show all of it. */
export const QUESTION_LIMIT_BYTES = 64 * 1024;

/** Who answers where nobody did in time. */
export const BY_TIMEOUT = 'timeout';

/** What a protocol asks. Times are those of the lab: of a run with a time scale, already divided by it. */
export interface Question extends Patience {
  readonly kind: QuestionKind;
  readonly text: string;
  readonly choices?: readonly string[];
  readonly unit?: string;
  readonly min?: number;
  readonly max?: number;
  /** Of a form. */
  readonly fields?: ParameterSpecMap;
  /** Items that a person is to carry or to replace, by name. */
  readonly labware?: readonly string[];
  /** Where to. */
  readonly to?: LabwareLocation;
  /** A file beside the protocol, or an https address; nobody fetches it. */
  readonly picture?: string;
  /** What the person needs to see to decide, for example a plan. */
  readonly details?: Json;
}

/** How long a question waits before somebody is told again. */
export interface Patience {
  readonly remindAfterMs?: number;
  readonly escalateAfterMs?: number;
  /** What holds when nobody has answered by then; without an answer the protocol gets ANSWER_TIMEOUT. */
  readonly timeout?: { readonly afterMs: number; readonly answer?: Json };
}

/** Questions whose yes is made true in the bridge before it counts. */
export function isHandWork({ kind }: { readonly kind: string }): boolean {
  return kind === 'manual-move' || kind === 'refill';
}

/** Throws VALUE_TOO_LARGE for a question that nobody could read. */
export function requireQuestionSize(question: Question): void {
  requireSize(question.text, 'the text of a question', {
    limitBytes: QUESTION_TEXT_LIMIT_BYTES,
    remedy: 'Ask in a few words, and give what the person needs to see as details.',
  });
  requireSize(question as unknown as Json, 'a question with its choices, fields and details', {
    limitBytes: QUESTION_LIMIT_BYTES,
    remedy: 'Save what is long with run.data.save and name it in the question.',
  });
}

/** Throws BAD_ARGUMENTS for a question that has no answer, or one that nobody can tell from another. */
export function requireAnswerable({ kind, text, choices = [], min = -Infinity, max = Infinity }: Question): void {
  const refuse = (why: string): never => {
    throw new LabError('BAD_ARGUMENTS', {
      message: `Nobody could answer '${text}': ${why}.`,
      remedy: 'Ask what has an answer, and what a person can tell apart.',
    });
  };
  if (kind === 'choose' && choices.length === 0) refuse('it has no choices');
  if (kind === 'choose' && choices.some((choice) => choice.trim() === '')) refuse('one of its choices is empty');
  if (kind === 'choose' && new Set(choices).size < choices.length) refuse('two of its choices are the same');
  if (kind === 'number' && !(min <= max)) refuse(`no number is from ${min} to ${max}`);
}

/** Holds an answer against the question. Throws ANSWER_TYPE saying what is wanted; returns the answer to keep. */
export function requireQuestionAnswer(question: Question, answer: Json): Json {
  const { choices = [] } = question;
  switch (question.kind) {
    case 'confirm':
    case 'manual-move':
    case 'refill':
      return typeof answer === 'boolean' ? answer : refuseAnswer('yes or no (true or false)', answer);
    case 'choose':
      return typeof answer === 'string' && choices.includes(answer) ? answer : refuseAnswer(`one of ${choices.join(', ')}`, answer);
    case 'text':
      return typeof answer === 'string' ? answer : refuseAnswer('a text', answer);
    case 'number':
      return requireNumber(question, answer);
    case 'form':
      return requireForm(question.fields ?? {}, answer);
  }
}

/** `{ lot, count }` of a form in words: `lot (text), count (integer from 1 to 9)`. */
export function describeFields(fields: ParameterSpecMap): string {
  return Object.entries(fields)
    .map(([name, spec]) => `${name} (${describeSpec(spec)})`)
    .join(', ');
}

export function refuseAnswer(wanted: string, got: Json): never {
  const shown = JSON.stringify(got);
  throw new LabError('ANSWER_TYPE', {
    message: `The answer must be ${wanted}; it was ${shown.length > 80 ? `${shown.slice(0, 77)}...` : shown}.`,
    field: 'answer',
  });
}

function requireNumber(question: Question, answer: Json): number {
  const unit = question.unit === undefined ? '' : ` ${question.unit}`;
  const wanted = `a number from ${question.min ?? '-∞'} to ${question.max ?? '∞'}${unit}`;
  if (typeof answer !== 'number' || !Number.isFinite(answer)) return refuseAnswer(wanted, answer);
  return answer >= (question.min ?? -Infinity) && answer <= (question.max ?? Infinity) ? answer : refuseAnswer(wanted, answer);
}

function requireForm(fields: ParameterSpecMap, answer: Json): Json {
  if (!isJsonObject(answer)) return refuseAnswer(`an object with ${describeFields(fields)}`, answer);
  const { values, problems } = checkParameters(fields, answer);
  const [first] = problems;
  if (first === undefined) return values;
  const field = first.field.replace(/^parameters\./u, 'answer.');
  const message =
    first.code === 'UNKNOWN_PARAMETER'
      ? `The form has no such field; it has ${describeFields(fields)}.`
      : problems.map(({ detail }) => detail).join(' ');
  throw new LabError('ANSWER_TYPE', { message, field });
}
