// Answers as they are typed: numbers and fields of forms in the words of parameters.

import { expect, test } from '@jest/globals';
import type { InboxSubject } from './inbox.js';
import { readAnswer } from './read-answer.js';
import type { Json } from '../json/json.js';

const NUMBER: InboxSubject = { kind: 'number', text: 'How much?', unit: 'µL', min: 1, max: 8 };
const FORM: InboxSubject = {
  kind: 'form',
  text: 'Which lot?',
  fields: { lot: { type: 'text' }, count: { type: 'integer', min: 1 }, wait: { type: 'duration', default: 1_000 } },
};

test.each<[InboxSubject, Json, Json]>([
  [NUMBER, '7', 7],
  [NUMBER, '-0.5 uL', -0.5],
  [NUMBER, '1e3', 1000],
  [NUMBER, 7, 7],
  [NUMBER, 'seven', 'seven'],
  [FORM, { lot: '8', count: '8' }, { lot: '8', count: 8, wait: 1_000 }],
  [FORM, { lot: '8', count: 8, wait: '2 s' }, { lot: '8', count: 8, wait: 2_000 }],
  [FORM, { lot: '8', count: 8, colour: 'red' }, { lot: '8', count: 8, colour: 'red' }],
  [{ kind: 'confirm', text: 'Foamy?' }, 'yes', 'yes'],
])('%j takes %j as %j', (subject, given, answer) => {
  expect(readAnswer(subject, given)).toEqual(answer);
});

test('what can be meant in two ways is refused with how to write it', () => {
  expect(() => readAnswer(NUMBER, '1,5')).toThrow(/as a point: 1\.5/u);
  expect(() => readAnswer(FORM, { lot: 'x', count: '1,000' })).toThrow(/write 1000 or 1\.000/u);
  expect(() => readAnswer(FORM, { lot: 'x', count: '0' })).toThrow(/at least 1, not 0/u);
});
