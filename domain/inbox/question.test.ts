// Which answers fit which question, and what a person is told of one that does not.

import { expect, test } from '@jest/globals';
import { requireAnswer, type InboxSubject } from './inbox.js';
import { requireAnswerable, type Question } from './question.js';
import { LabError } from '../errors/error.js';
import type { Json } from '../json/json.js';

const FORM: InboxSubject = {
  kind: 'form',
  text: 'What is it?',
  fields: {
    lot: { type: 'text', min: 3 },
    count: { type: 'integer', min: 1, max: 9, default: 2 },
    hold: { type: 'duration', isOptional: true },
  },
};
const MOVE: InboxSubject = { kind: 'manual-move', text: 'Carry it', labware: ['plate_1'], to: { carrier: 'plate_carrier', site: 0 } };
const WINDOW: InboxSubject = { kind: 'time-window', text: 'It broke', window: 'lysis', maxMs: 1, startedAt: '2026-01-01T00:00:00.000Z' };
const ALARM: InboxSubject = { kind: 'alarm', text: 'It is slow', cause: 'slow-command', workcell: 'star' };

function refusalOf(subject: InboxSubject, answer: Json): string {
  try {
    requireAnswer(subject, answer);
  } catch (error) {
    if (error instanceof LabError && error.code === 'ANSWER_TYPE') return error.message;
    throw error;
  }
  throw new Error(`${JSON.stringify(answer)} was taken.`);
}

test.each<[InboxSubject, Json, Json]>([
  [FORM, { lot: 'L77' }, { lot: 'L77', count: 2 }],
  [FORM, { lot: 'L77', count: 9, hold: '2 min' }, { lot: 'L77', count: 9, hold: 120_000 }],
  [MOVE, true, true],
  [MOVE, false, false],
  [{ ...MOVE, kind: 'refill' }, true, true],
  [WINDOW, 'go-on', 'go-on'],
  [WINDOW, 'abort', 'abort'],
  [ALARM, true, true],
])('%j takes %j', (subject, answer, kept) => {
  expect(requireAnswer(subject, answer)).toEqual(kept);
  // What is kept may be checked again on its way.
  expect(requireAnswer(subject, kept)).toEqual(kept);
});

test.each<[InboxSubject, Json, string]>([
  [FORM, null, 'an object with lot (text of at least 3 characters), count (integer from 1 to 9)'],
  [FORM, [], 'an object with lot'],
  [FORM, { lot: 'L7' }, '\'lot\' must be text of at least 3 characters, not "L7".'],
  [FORM, { lot: 'L77', count: 1.5 }, "'count' must be an integer from 1 to 9, not 1.5."],
  [FORM, { lot: 'L77', extra: 1 }, 'The form has no such field; it has lot'],
  [MOVE, 'yes', 'yes or no'],
  [WINDOW, true, 'one of go-on, abort'],
  [ALARM, false, 'an alarm is acknowledged'],
])('%j refuses %j', (subject, answer, message) => {
  expect(refusalOf(subject, answer)).toContain(message);
});

test('every fault of a form is told at once', () => {
  expect(refusalOf(FORM, { lot: 'L', count: 10 })).toMatch(/'lot' must be .* 'count' must be /u);
});

test.each<[string, Question]>([
  ['it has no choices', { kind: 'choose', text: 'Which?', choices: [] }],
  ['one of its choices is empty', { kind: 'choose', text: 'Which?', choices: ['a', ' '] }],
  ['two of its choices are the same', { kind: 'choose', text: 'Which?', choices: ['a', 'b', 'a'] }],
  ['no number is from 5 to 1', { kind: 'number', text: 'How many?', min: 5, max: 1 }],
  ['no number is from NaN to Infinity', { kind: 'number', text: 'How many?', min: NaN }],
])('a question is refused where %s', (why, question) => {
  expect(() => {
    requireAnswerable(question);
  }).toThrow(expect.objectContaining({ code: 'BAD_ARGUMENTS', message: expect.stringContaining(why) as unknown }));
});

test('a question with one choice, and a number with one possible value, can be answered', () => {
  requireAnswerable({ kind: 'choose', text: 'Which?', choices: ['a'] });
  requireAnswerable({ kind: 'number', text: 'How many?', min: 1, max: 1 });
});
