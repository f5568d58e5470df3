// Values against their specs: what is taken and in which form it is kept, what is refused and in which words.

import { describe, expect, test } from '@jest/globals';
import { describeDuration, readDuration } from '../json/duration.js';
import type { Json } from '../json/json.js';
import { checkParameters, describeSpec, type ParameterSpec } from './parameter.js';

const number: ParameterSpec = { type: 'number', min: 0 };
const sample: ParameterSpec = { type: 'record', fields: { id: { type: 'text' }, volumeUl: { type: 'number', min: 1, default: 50 } } };
const table: ParameterSpec = {
  type: 'table',
  max: 3,
  fields: { well: { type: 'text' }, n: { type: 'integer', default: 1 }, dry: { type: 'boolean', default: false } },
};

describe('what is taken, and its normal form', () => {
  test.each<[spec: ParameterSpec, given: Json, normal: Json]>([
    [{ type: 'duration' }, 1_500, 1_500],
    [{ type: 'duration' }, '90 s', 90_000],
    [{ type: 'duration' }, '1 h 30min', 5_400_000],
    [{ type: 'duration' }, '0.5 d', 43_200_000],
    [{ type: 'duration', max: 300_000 }, { minutes: 4, seconds: 60 }, 300_000],
    [{ type: 'wells' }, 'A1:B2', ['A1', 'A2', 'B1', 'B2']],
    [{ type: 'wells', positions: 96 }, ['H12', 'A1:A2'], ['H12', 'A1', 'A2']],
    [{ type: 'list', of: number }, [1, 2.5], [1, 2.5]],
    [{ type: 'list', of: { type: 'duration' } }, ['1 s', 2], [1_000, 2]],
    [sample, { id: 'x' }, { id: 'x', volumeUl: 50 }],
    [
      table,
      [{ well: 'A1' }, { well: 'A2', n: 4, dry: true }],
      [
        { well: 'A1', n: 1, dry: false },
        { well: 'A2', n: 4, dry: true },
      ],
    ],
  ])('%j %j', (spec, given, normal) => {
    const once = checkParameters({ x: spec }, { x: given });
    expect(once).toEqual({ values: { x: normal }, problems: [] });
    expect(checkParameters({ x: spec }, once.values)).toEqual(once);
  });
});

describe('what is refused', () => {
  test.each<[spec: ParameterSpec, given: Json, code: string, detail: RegExp]>([
    [{ type: 'duration' }, '90', 'PARAMETER_TYPE', /must be a duration, as in 1 min 30 s, not "90"/],
    [{ type: 'duration' }, -1, 'PARAMETER_TYPE', /duration/],
    [{ type: 'duration' }, { weeks: 1 }, 'PARAMETER_TYPE', /duration/],
    [{ type: 'duration', min: 10_000, max: 60_000 }, '2 min', 'PARAMETER_RANGE', /from 10 s to 1 min/],
    [{ type: 'wells' }, 'A1:', 'PARAMETER_RANGE', /'' is no position/],
    [{ type: 'wells', positions: 96 }, 'A13', 'PARAMETER_RANGE', /no position A13/],
    [{ type: 'wells', min: 2, max: 4 }, 'A1', 'PARAMETER_RANGE', /wells of 2 to 4 wells/],
    [{ type: 'wells' }, [1], 'PARAMETER_TYPE', /wells/],
    [{ type: 'list', of: number }, 'x', 'PARAMETER_TYPE', /a list, each a number of at least 0/],
    [{ type: 'list', of: number, max: 1 }, [1, 2], 'PARAMETER_RANGE', /of at most 1 item,/],
    [{ type: 'list', of: number }, [1, -1], 'PARAMETER_RANGE', /^'x\[1\]' must be a number/],
    [sample, { volumeUl: 2 }, 'MISSING_PARAMETER', /^'x\.id' \(text\) is required/],
    [sample, { id: 'a', volume: 2 }, 'UNKNOWN_PARAMETER', /^'x\.volume' is not known; there are: id, volumeUl/],
    [table, [{ well: 'A1', n: 1.5 }], 'PARAMETER_TYPE', /^'x\[0\]\.n' must be an integer/],
  ])('%j %j', (spec, given, code, detail) => {
    const [problem] = checkParameters({ x: spec }, { x: given }).problems;
    expect(problem).toMatchObject({ code });
    expect(problem?.detail).toMatch(detail);
  });

  test('a long list is not told of item by item for ever', () => {
    const { problems } = checkParameters({ x: { type: 'list', of: number } }, { x: Array.from({ length: 1_000 }, () => 'no') });
    expect(problems).toHaveLength(20);
  });
});

test('durations in words are read back the same', () => {
  for (const ms of [0, 1, 999, 1_000, 90_000, 5_400_000, 86_400_000 + 61_001]) expect(readDuration(describeDuration(ms))).toBe(ms);
});

test('specs in words', () => {
  expect(describeSpec({ type: 'integer', min: 1, max: 11 })).toBe('integer from 1 to 11');
  expect(describeSpec({ type: 'text', min: 1, max: 8 })).toBe('text from 1 to 8 characters');
  expect(describeSpec({ ...table })).toBe('table of at most 3 rows with the columns well (text), n (integer), dry (boolean)');
});
