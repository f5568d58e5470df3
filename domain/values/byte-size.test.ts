// Bytes counted without encoding are those that encoding would give.

import { expect, test } from '@jest/globals';
import { countJsonBytes, countUtf8Bytes, cutStartToBytes, cutToBytes, isLargerThan, requireSize } from './byte-size.js';
import type { Json } from '../json/json.js';

const TEXTS = [
  '',
  'plate',
  'µl',
  'Ünïcödé',
  '溶液 10 µl',
  '🧪🧫',
  'a🧪b',
  '\ud800',
  '\udc00x',
  '\ud83d\ud83d\ude00',
  '\ude00\ud83d',
  '\u0000\u0007"\\',
];

test('a text has as many bytes as its encoding', () => {
  for (const text of TEXTS) expect(countUtf8Bytes(text)).toBe(new TextEncoder().encode(text).length);
});

test('a value has as many bytes as its JSON', () => {
  const values: Json[] = [...TEXTS, null, true, false, 0.1234567, [1, 'µ'], { µ: '🧪', empty: null }];
  for (const value of values) expect(countJsonBytes(value)).toBe(Buffer.byteLength(JSON.stringify(value)));
});

test('the limit itself is still allowed, whatever the characters weigh', () => {
  for (const unit of ['x', 'µ', '溶', '🧪', '\u0001', '"']) {
    const value = unit.repeat(50);
    const bytes = Buffer.byteLength(JSON.stringify(value));
    expect([isLargerThan(value, bytes), isLargerThan(value, bytes - 1)]).toEqual([false, true]);
    expect([isLargerThan({ value }, bytes + 10), isLargerThan({ value }, bytes + 9)]).toEqual([false, true]);
  }
  expect(isLargerThan(null, 0)).toBe(false);
});

test('a text is cut between characters, and says that it was', () => {
  expect([cutToBytes('plate', 5), cutToBytes('plates', 5), cutToBytes('🧪🧫🧪', 12), cutToBytes('🧪🧫🧪', 11)]).toEqual([
    'plate',
    'pl…',
    '🧪🧫🧪',
    '🧪🧫…',
  ]);
  expect([cutStartToBytes('plate', 5), cutStartToBytes('plates', 5), cutStartToBytes('🧪🧫🧪', 12), cutStartToBytes('🧪🧫🧪', 11)]).toEqual(
    ['plate', '…es', '🧪🧫🧪', '…🧫🧪'],
  );
  for (const unit of ['µ', '溶', '🧪']) {
    for (let limit = 4; limit < 40; limit++)
      for (const cut of [cutToBytes, cutStartToBytes]) expect(Buffer.byteLength(cut(unit.repeat(30), limit))).toBeLessThanOrEqual(limit);
  }
});

test('what is too large is refused with limit and size', () => {
  expect(() => {
    requireSize('µ'.repeat(10), 'the result of wash', { limitBytes: 21 });
  }).toThrow(expect.objectContaining({ code: 'VALUE_TOO_LARGE', message: 'The result of wash has 22 bytes; the limit is 21.' }));
  expect(() => {
    requireSize('µ'.repeat(10), 'the result of wash', { limitBytes: 22 });
  }).not.toThrow();
});
