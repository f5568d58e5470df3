// Answers as they are typed, for every kind of item.

import { CliError } from '../terminal/exit.js';
import { parseAnswer, type AnswerOptions } from './parse-answer.js';
import type { InboxSubject } from '../../domain/inbox/inbox.js';
import type { Json } from '../../domain/json/json.js';

const CONFIRM: InboxSubject = { kind: 'confirm', text: 'Foamy?' };
const NUMBER: InboxSubject = { kind: 'number', text: 'How many?', min: 1, max: 8 };
const CHOOSE: InboxSubject = { kind: 'choose', text: 'Which?', choices: ['Left', 'right', 'RIGHT'] };
const TEXT: InboxSubject = { kind: 'text', text: 'Lot?' };
const UNCERTAIN: InboxSubject = {
  kind: 'uncertain-command',
  text: 'Did it move?',
  commandId: 'c',
  machine: 'star',
  method: 'aspirate',
  arguments: {},
  known: 'sent',
};

test.each<[InboxSubject, string, Json]>([
  [CONFIRM, 'yes', true],
  [CONFIRM, 'Y', true],
  [CONFIRM, 'TRUE', true],
  [CONFIRM, 'no', false],
  [CONFIRM, 'n', false],
  [CONFIRM, 'perhaps', 'perhaps'],
  [NUMBER, '7', '7'],
  [NUMBER, '1,5 µL', '1,5 µL'],
  [CHOOSE, 'left', 'Left'],
  [CHOOSE, 'RIGHT', 'RIGHT'],
  [CHOOSE, 'middle', 'middle'],
  [TEXT, 'true', 'true'],
  [TEXT, '12', '12'],
])('%j takes %j as %j', (subject, text, answer) => {
  expect(parseAnswer(subject, text, {})).toEqual(answer);
});

test('a machine error takes how to go on, as a value or an option, and facts about the deck', () => {
  const error: InboxSubject = {
    kind: 'machine-error',
    text: 'It failed.',
    commandId: 'c',
    machine: 'star',
    method: 'aspirate',
    arguments: {},
    code: 'TOO_LITTLE_LIQUID',
    known: 'dry',
    mayRetry: true,
  };
  expect(parseAnswer(error, 'retry', {})).toEqual({ then: 'retry' });
  expect(parseAnswer(error, undefined, { then: 'skip', result: '4' })).toEqual({ then: 'skip', result: 4 });
  expect(parseAnswer(error, 'retry', { set: ['plate_1:A1=100'], tip: [], channel: ['0=empty'] })).toEqual({
    then: 'retry',
    corrections: [
      { labware: 'plate_1', item: 'A1', volumeUl: 100 },
      { machine: 'star', channel: 0, tipFrom: null },
    ],
  });
  expect(() => parseAnswer(error, undefined, {})).toThrow(CliError);
  expect(() => parseAnswer(error, 'retry', { happened: 'done' })).toThrow(/uncertain command/u);
});

test('an uncertain command takes what happened, what then, and facts about the deck', () => {
  const options: AnswerOptions = {
    happened: 'partly',
    then: 'skip',
    set: ['plate_1:A1=100', 'diluent_1=40000.5'],
    tip: ['tips_1:A1=on', 'tips_1:B1=off'],
    channel: ['0=tips_1:C1:50', '1=tips_1:D1', '2=empty'],
    result: '{"od":[0.1]}',
  };
  expect(parseAnswer(UNCERTAIN, undefined, options)).toEqual({
    happened: 'partly',
    then: 'skip',
    corrections: [
      { labware: 'plate_1', item: 'A1', volumeUl: 100 },
      { labware: 'diluent_1', volumeUl: 40000.5 },
      { labware: 'tips_1', item: 'A1', hasTip: true },
      { labware: 'tips_1', item: 'B1', hasTip: false },
      { machine: 'star', channel: 0, tipFrom: { labware: 'tips_1', item: 'C1' }, volumeUl: 50 },
      { machine: 'star', channel: 1, tipFrom: { labware: 'tips_1', item: 'D1' } },
      { machine: 'star', channel: 2, tipFrom: null },
    ],
    result: { od: [0.1] },
  });
  expect(parseAnswer(UNCERTAIN, undefined, { happened: 'not-done', then: 'retry', set: [], tip: [], channel: [] })).toEqual({
    happened: 'not-done',
    then: 'retry',
  });
});

const stated = { happened: 'partly', then: 'skip' };
test.each<[string, InboxSubject, string | undefined, AnswerOptions]>([
  ['no answer', CONFIRM, undefined, {}],
  ['a statement for a question', CONFIRM, 'yes', { happened: 'done' }],
  ['a correction for a question', CONFIRM, 'yes', { set: ['plate_1:A1=1'] }],
  ['a value for a command', UNCERTAIN, 'yes', stated],
  ['nothing said of what happened', UNCERTAIN, undefined, { then: 'skip' }],
  ['nothing said of what then', UNCERTAIN, undefined, { happened: 'done' }],
  ['a volume below zero', UNCERTAIN, undefined, { ...stated, set: ['plate_1:A1=-1'] }],
  ['a volume with its unit', UNCERTAIN, undefined, { ...stated, set: ['plate_1:A1=100ul'] }],
  ['a volume without a place', UNCERTAIN, undefined, { ...stated, set: ['=100'] }],
  ['a tip that may be there', UNCERTAIN, undefined, { ...stated, tip: ['tips_1:A1=maybe'] }],
  ['a tip of a whole rack', UNCERTAIN, undefined, { ...stated, tip: ['tips_1=on'] }],
  ['a channel without a number', UNCERTAIN, undefined, { ...stated, channel: ['left=empty'] }],
  ['a channel with a rack alone', UNCERTAIN, undefined, { ...stated, channel: ['0=tips_1'] }],
  ['a result that is not JSON', UNCERTAIN, undefined, { ...stated, result: 'od=1' }],
])('refused: %s', (_name, subject, value, options) => {
  const parse = (): Json => parseAnswer(subject, value, options);
  expect(parse).toThrow(CliError);
  expect(parse).toThrow(
    expect.objectContaining({ code: 'BAD_OPTION', exitCode: 2, remedy: expect.stringMatching(/\w/u) as string }) as Error,
  );
});
