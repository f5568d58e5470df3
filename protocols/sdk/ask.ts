// Questions to a person: what an author writes, and the one form in which every kind of run puts them.

import { readDuration, type Duration } from '../../domain/json/duration.js';
import { LabError } from '../../domain/errors/error.js';
import type { Json } from '../../domain/json/json.js';
import type { LabwareLocation } from '../../domain/workcells/workcell-spec.js';
import { requireAnswerable, requireQuestionAnswer, requireQuestionSize, type Question } from '../../domain/inbox/question.js';
import { toJson } from './codec.js';
import type { LabwareHandle } from './labware.js';
import type { AnyMachine } from './machine-handle.js';
import type { GivenParameters, ParameterSpecs, ParameterValues } from './parameters.js';
import type { Site } from './values.js';

export interface AskOptions<A extends Json> {
  /** What the person needs to see to decide. */
  readonly details?: Json;
  /** A file beside the protocol, `deck.png`, or an https address. */
  readonly picture?: string;
  /** Tell people again after so long, and again after as long. */
  readonly remindAfter?: Duration;
  /** Tell more people after so long. */
  readonly escalateAfter?: Duration;
  /** The answer that holds when nobody has given one by then; ANSWER_TIMEOUT is thrown where there is none. */
  readonly timeout?: { readonly after: Duration; readonly answer?: A };
}

/** Where a person is to put labware: a site of a carrier, or a machine. */
export type HandPlace = Site | AnyMachine | LabwareLocation;

/**
 * Questions to a person. They wait for days if need be and survive every restart, whether the run is paused or not; the run
 * may be cancelled meanwhile.
 */
export interface Ask {
  confirm(text: string, options?: AskOptions<boolean>): Promise<boolean>;
  choose<const C extends string>(text: string, choices: readonly C[], options?: AskOptions<NoInfer<C>>): Promise<C>;
  number(
    text: string,
    options?: AskOptions<number> & { readonly unit?: string; readonly min?: number; readonly max?: number },
  ): Promise<number>;
  text(text: string, options?: AskOptions<string>): Promise<string>;
  /** Several values at once, described as parameters are; checked as they are. */
  form<const F extends ParameterSpecs>(
    text: string,
    fields: F,
    options?: AskOptions<GivenParameters<F> & Json>,
  ): Promise<ParameterValues<F>>;
  /** A person carries labware. With their yes it stands there, for the bridge too; false where they did not. */
  move(text: string, move: { readonly labware: LabwareHandle; readonly to: HandPlace }, options?: AskOptions<false>): Promise<boolean>;
  /** A person puts fresh items in the place of used ones. With their yes they are fresh, for the bridge too. */
  refill(text: string, labware: LabwareHandle | readonly LabwareHandle[], options?: AskOptions<false>): Promise<boolean>;
}

/** Puts questions with `put`; times of the protocol are divided by `timeScale`. Throws BAD_ARGUMENTS for what can't be asked, VALUE_TOO_LARGE for what nobody could read. */
export function createAskWith(put: (question: Question) => Promise<Json>, timeScale: number): Ask {
  const ask = <T>(asked: Question, options: AskOptions<Json> = {}): Promise<T> => {
    const question = withOptions(asked, options, timeScale);
    requireQuestionSize(question);
    requireAnswerable(question);
    return put(question) as Promise<T>;
  };
  return Object.freeze<Ask>({
    confirm: (text, options) => ask({ kind: 'confirm', text }, options),
    choose: (text, choices, options) => ask({ kind: 'choose', text, choices }, options),
    number: (text, { unit, min, max, ...options } = {}) =>
      ask(
        { kind: 'number', text, ...(unit !== undefined && { unit }), ...(min !== undefined && { min }), ...(max !== undefined && { max }) },
        options,
      ),
    text: (text, options) => ask({ kind: 'text', text }, options),
    form: (text, fields, options) =>
      ask({ kind: 'form', text, fields: toJson(fields, 'the fields of a form') as unknown as ParameterSpecs }, options as AskOptions<Json>),
    move: (text, { labware, to }, options) => ask({ kind: 'manual-move', text, labware: [labware.name], to: toLocation(to) }, options),
    refill: (text, labware, options) =>
      ask({ kind: 'refill', text, labware: ('name' in labware ? [labware] : labware).map(({ name }) => name) }, options),
  });
}

function withOptions(asked: Question, options: AskOptions<Json>, timeScale: number): Question {
  const { details, picture, remindAfter, escalateAfter, timeout } = options;
  const toMs = (duration: Duration, name: string): number => toPositiveMs(duration, name) / timeScale;
  const question: Question = {
    ...asked,
    ...(details !== undefined && { details: toJson(details, 'the details of a question') }),
    ...(picture !== undefined && { picture: requirePicture(picture) }),
    ...(remindAfter !== undefined && { remindAfterMs: toMs(remindAfter, 'remindAfter') }),
    ...(escalateAfter !== undefined && { escalateAfterMs: toMs(escalateAfter, 'escalateAfter') }),
  };
  if (timeout === undefined) return question;
  const afterMs = toMs(timeout.after, 'timeout.after');
  return {
    ...question,
    timeout: timeout.answer === undefined ? { afterMs } : { afterMs, answer: requireDefault(question, timeout.answer) },
  };
}

function toPositiveMs(duration: Duration, name: string): number {
  const ms = readDuration(toJson(duration, name));
  if (ms !== undefined && ms > 0) return ms;
  throw new LabError('BAD_ARGUMENTS', { message: `${name} of a question must be a duration above 0, not ${JSON.stringify(duration)}.` });
}

/** Held against the question when it is asked, not when nobody has answered it. */
function requireDefault(question: Question, answer: Json): Json {
  const { kind } = question;
  if ((kind === 'manual-move' || kind === 'refill') && answer !== false) {
    throw new LabError('BAD_ARGUMENTS', {
      message: 'Nobody carries or refills because time has passed: the answer of such a timeout can only be false.',
    });
  }
  try {
    return requireQuestionAnswer(question, toJson(answer, 'the answer of a timeout'));
  } catch (error) {
    throw error instanceof LabError
      ? new LabError('BAD_ARGUMENTS', { message: `The answer of the timeout does not fit. ${error.message}`, cause: error })
      : error;
  }
}

function requirePicture(picture: string): string {
  const isAddress = /^https:\/\/[^\s<>"'`]{1,500}$/u.test(picture);
  const isFile = /^[\w-][\w. /-]{0,199}$/u.test(picture) && !picture.split('/').includes('..');
  if (isAddress || isFile) return picture;
  throw new LabError('BAD_ARGUMENTS', {
    message: `The picture must be a file beside the protocol or an https address, not ${JSON.stringify(picture).slice(0, 80)}.`,
  });
}

function toLocation(place: HandPlace): LabwareLocation {
  if ('$site' in place) return { carrier: place.$site[0], site: place.$site[1] };
  return 'asset' in place ? { machine: place.name } : place;
}
