// What a driver may say and Postgres cannot hold is kept as its escape, and nothing else is changed.

import { toJson, toStorable, toText } from './postgres-text.js';

test('shows what Postgres cannot hold as its escape', () => {
  expect(toText('er00\u0000id\ud800 µL 😀')).toBe('er00\\u0000id\\ud800 µL 😀');
  const said = { 'key\u0000': ['\udfff', 'a\\u0000 that was typed', '😀', 1, null] };
  expect(JSON.parse(toJson(said))).toEqual({ 'key\\u0000': ['\\udfff', 'a\\u0000 that was typed', '😀', 1, null] });
  expect(toStorable(said)).toEqual(JSON.parse(toJson(said)));
});

test('leaves a value as it is where Postgres can hold it', () => {
  const value = { text: 'line\nbreak "quoted" \\ back \\u0041', number: 1 };
  expect(toStorable(value)).toBe(value);
});
