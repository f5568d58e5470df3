// Reads an answer from the command line in the form that its item asks for. A text that does not fit is sent as it
// stands, so that the API refuses it with its own words and there is one place that checks.

import { CliError, EXIT_BAD_INPUT } from '../terminal/exit.js';
import { readParameters } from '../terminal/read-parameters.js';
import type { InboxSubject, MachineError, StateCorrection, UncertainCommand } from '../../domain/inbox/inbox.js';
import type { Json, JsonObject } from '../../domain/json/json.js';

export interface AnswerOptions {
  readonly happened?: string;
  readonly then?: string;
  readonly set?: readonly string[];
  readonly tip?: readonly string[];
  readonly channel?: readonly string[];
  readonly result?: string;
}

const RESOLUTION_OPTIONS = ['happened', 'then', 'set', 'tip', 'channel', 'result'] as const;

/** Throws BAD_OPTION where value and options do not belong to this kind of item. */
export function parseAnswer(subject: InboxSubject, value: string | undefined, options: AnswerOptions): Json {
  if (subject.kind === 'machine-error') return parseRecovery(subject, value, options);
  if (subject.kind === 'uncertain-command') {
    if (value !== undefined) throw refuse(`'${value}' answers no uncertain command.`, 'State what happened with --happened and --then.');
    return parseResolution(subject, options);
  }
  if (subject.kind === 'form') return parseForm(value, options);
  const misplaced = RESOLUTION_OPTIONS.find((name) => options[name] !== undefined && options[name]?.length !== 0);
  if (misplaced !== undefined)
    throw refuse(`--${misplaced} belongs to an uncertain command; this is a question.`, 'Give the answer as a value.');
  if (value === undefined) throw refuse('The answer is missing.', 'Give it behind the item, as the line answer of praxis inbox says.');
  return parseValue(subject, value);
}

/** Each field as `--set name=value`; a form as JSON stands behind the item. */
function parseForm(value: string | undefined, { set = [] }: AnswerOptions): Json {
  if (value !== undefined && set.length > 0)
    throw refuse('The form is given twice.', 'Give its fields with --set, or all of it as JSON behind the item.');
  return value === undefined ? readParameters({ param: set }).parameters : parseJson('The form', value);
}

function parseValue(question: Exclude<InboxSubject, UncertainCommand | MachineError>, text: string): Json {
  switch (question.kind) {
    case 'confirm':
    case 'manual-move':
    case 'refill':
    case 'alarm':
    case 'held-machine':
      return /^(?:y|yes|true)$/iu.test(text) ? true : /^(?:n|no|false)$/iu.test(text) ? false : text;
    case 'choose':
      return (
        question.choices?.find((choice) => choice === text) ??
        question.choices?.find((choice) => choice.toLowerCase() === text.toLowerCase()) ??
        text
      );
    // A number is read by the API, with its unit.
    case 'number':
    case 'text':
    case 'form':
    case 'time-window':
      return text;
  }
}

/** `praxis answer last retry`; facts about the deck as for an uncertain command. */
function parseRecovery(subject: MachineError, value: string | undefined, options: AnswerOptions): Json {
  const then = options.then ?? value;
  if (then === undefined) throw refuse('The answer is missing.', 'Give retry, skip or abort behind the item.');
  if (options.happened !== undefined)
    throw refuse('--happened belongs to an uncertain command; what this one did is known.', 'Give retry, skip or abort behind the item.');
  return { then, ...readFacts(subject.machine, options) };
}

function readFacts(machine: string, options: AnswerOptions): JsonObject {
  const corrections = [
    ...(options.set ?? []).map(parseVolume),
    ...(options.tip ?? []).map(parseTip),
    ...(options.channel ?? []).map((text) => parseChannel(machine, text)),
  ];
  return {
    ...(corrections.length > 0 && { corrections }),
    ...(options.result !== undefined && { result: parseJson('--result', options.result) }),
  };
}

function parseResolution(subject: UncertainCommand, options: AnswerOptions): Json {
  if (options.happened === undefined || options.then === undefined) {
    throw refuse(
      '--happened and --then are needed for an uncertain command.',
      'Look at the machine. --happened takes done, not-done or partly; --then takes retry, skip or abort.',
    );
  }
  const channels = (options.channel ?? []).flatMap((text) => parseChannelStatement(text) ?? []);
  const rest = (options.channel ?? []).filter((text) => parseChannelStatement(text) === undefined);
  const facts = readFacts(subject.machine, { ...options, channel: rest });
  return { happened: options.happened, then: options.then, ...(channels.length > 0 && { channels }), ...facts };
}

/** `plate_1:A1=100` or, of a trough, `diluent_1=40000`: microlitres that are there now. */
function parseVolume(text: string): StateCorrection {
  const [, labware, item, volume] = /^([^:=]+)(?::([^:=]+))?=(\d+(?:\.\d+)?)$/u.exec(text) ?? [];
  if (labware === undefined || volume === undefined)
    throw refuse(`--set '${text}' is not labware:position=volume.`, "Write it as: --set 'plate_1:A1=100' (µL)");
  return { labware, ...(item !== undefined && { item }), volumeUl: Number(volume) };
}

/** `tips_1:A1=on`: a tip is at this position. */
function parseTip(text: string): StateCorrection {
  const [, labware, item, isThere] = /^([^:=]+):([^:=]+)=(on|off)$/u.exec(text) ?? [];
  if (labware === undefined || item === undefined)
    throw refuse(`--tip '${text}' is not rack:position=on or off.`, "Write it as: --tip 'tips_1:A1=off'");
  return { labware, item, hasTip: isThere === 'on' };
}

/** `0=done` or `0=not-done`: what channel 0 did of the command. */
function parseChannelStatement(text: string): { channel: number; happened: string } | undefined {
  const [, channel, happened] = /^(\d{1,3})=(done|not-done)$/u.exec(text) ?? [];
  return channel === undefined || happened === undefined ? undefined : { channel: Number(channel), happened };
}

/** `0=tips_1:A1:50`: channel 0 carries the tip of A1 with 50 µL in it; `0=empty`: it carries none. */
function parseChannel(machine: string, text: string): StateCorrection {
  const [, channel, carried] = /^(\d{1,3})=(.+)$/u.exec(text) ?? [];
  if (channel !== undefined && carried === 'empty') return { machine, channel: Number(channel), tipFrom: null };
  const [, labware, item, volume] = /^([^:=]+):([^:=]+)(?::(\d+(?:\.\d+)?))?$/u.exec(carried ?? '') ?? [];
  if (channel === undefined || labware === undefined || item === undefined) {
    throw refuse(
      `--channel '${text}' is not channel=rack:position:volume, channel=empty, or of an uncertain command channel=done or channel=not-done.`,
      "Write it as: --channel '0=tips_1:A1:50' (µL)",
    );
  }
  return { machine, channel: Number(channel), tipFrom: { labware, item }, ...(volume !== undefined && { volumeUl: Number(volume) }) };
}

function parseJson(what: string, text: string): Json {
  try {
    return JSON.parse(text) as Json;
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw refuse(`${what} is not JSON: ${why}.`, 'Write it as: --result \'{"absorbance": 0.4}\'');
  }
}

function refuse(message: string, remedy: string): CliError {
  return new CliError(EXIT_BAD_INPUT, { code: 'BAD_OPTION', message, remedy });
}
