// Texts and files against specs: what each type takes of a text, what is refused and in which words, and where a file has it.

import { describe, expect, test } from '@jest/globals';
import type { Json } from '../json/json.js';
import type { ParameterSpec } from './parameter.js';
import { readParameters } from './read-parameters.js';

const volume: ParameterSpec = { type: 'number', unit: 'µL', min: 0.1, max: 300 };
const well: ParameterSpec = { type: 'wells', positions: 96, min: 1, max: 1 };
const rows: ParameterSpec = { type: 'table', fields: { well, volumeUl: { ...volume, titles: ['Volume (in ul)'] } } };
const defaults: ParameterSpec = { type: 'table', fields: { well: { ...well, default: 'A1' }, volumeUl: { ...volume, default: 50 } } };
const list: ParameterSpec = { type: 'list', of: { type: 'number' } };
const choice: ParameterSpec = { type: 'choice', choices: ['row_wise', 'column-wise', 'FAST'] };

function read(spec: ParameterSpec, given: Json, file?: string): { value?: Json | undefined; problems: readonly string[] } {
  const { values, problems } = readParameters({ rows: spec }, { rows: given }, file === undefined ? {} : { rows: file });
  return { value: values['rows'], problems: problems.map(({ detail }) => detail) };
}

describe('text that is read', () => {
  test.each<[spec: ParameterSpec, text: Json, value: Json]>([
    [{ type: 'integer' }, '8', 8],
    [{ type: 'integer' }, ' 007 ', 7],
    [volume, '10 µL', 10],
    [volume, '1e1uL', 10],
    [volume, '10\u00A0μl', 10],
    [volume, '+.5', 0.5],
    [{ type: 'number' }, '-0', 0],
    [{ type: 'number' }, '\u22125', -5],
    [{ type: 'number', unit: '°C' }, '37 ℃', 37],
    [{ type: 'boolean' }, 'TRUE', true],
    [{ type: 'boolean' }, 'no', false],
    [{ type: 'text' }, '@8 ', '@8 '],
    [{ type: 'duration' }, '2000', 2_000],
    [{ type: 'duration' }, '2 s', 2_000],
    [{ type: 'duration' }, { minutes: 2 }, 120_000],
    [choice, 'Row-wise', 'row_wise'],
    [choice, 'fast', 'FAST'],
    [{ type: 'wells' }, 'a01:A3', ['A1', 'A2', 'A3']],
    [{ type: 'wells' }, 'AZ1:BB1', ['AZ1', 'BA1', 'BB1']],
    [{ type: 'wells' }, ['b1', 'A1:A2'], ['B1', 'A1', 'A2']],
    [list, '1, 2.5', [1, 2.5]],
    [list, '[1, "2"]', [1, 2]],
    [list, '1\r\n2\n3\n', [1, 2, 3]],
    [list, '', []],
    [{ type: 'list', of: { type: 'duration' } }, ['2 s', 3], [2_000, 3]],
    [{ type: 'record', fields: { volumeUl: volume } }, '{"volumeUl": "7 uL"}', { volumeUl: 7 }],
    [rows, [{ well: 'a1', volumeUl: '10 µL' }], [{ well: ['A1'], volumeUl: 10 }]],
    [rows, '[{"well": "A1", "volumeUl": 10}]', [{ well: ['A1'], volumeUl: 10 }]],
  ])('%j %j', (spec, text, value) => {
    expect(read(spec, text)).toEqual({ value, problems: [] });
  });
});

describe('text that is refused, with how to write it', () => {
  test.each<[spec: ParameterSpec, text: Json, detail: RegExp]>([
    [{ type: 'integer' }, 'eight', /^'rows' must be an integer, not "eight"\.$/u],
    [{ type: 'integer' }, '1.5', /must be an integer, not 1\.5/u],
    [volume, '1,5', /decimal comma is written as a point: 1\.5/u],
    [volume, '1,5 µL', /written as a point: 1\.5/u],
    [volume, '1,000', /write 1000 or 1\.000/u],
    [volume, '1.000,5', /with a decimal point: 1000\.5/u],
    [volume, '1,000.5', /with a decimal point: 1000\.5/u],
    [volume, '1.000.000', /between thousands: 1000000/u],
    [volume, "1'000", /between thousands: 1000/u],
    [volume, '1\u202F000', /between thousands: 1000/u],
    [volume, '10 mL', /its unit is µL, not mL/u],
    [{ type: 'number' }, '10 µL', /it has no unit: write 10\./u],
    [volume, 'NaN', /not "NaN"/u],
    [volume, 'Infinity', /not "Infinity"/u],
    [volume, '1e400', /larger than a number can be/u],
    [volume, '1e-400', /smaller than a number can be/u],
    [{ type: 'number' }, '9007199254740993', /more digits/u],
    [volume, '0x10', /decimal digits/u],
    [volume, '01.May', /made a date of it/u],
    [volume, '2026-05-01', /made a date of it/u],
    [volume, '1\u200B0', /U\+200B, which cannot be seen/u],
    [volume, '', /it is empty/u],
    [volume, '500 µL', /from 0\.1 to 300 µL, not 500/u],
    [{ type: 'boolean' }, '1', /write true or false/u],
    [{ type: 'duration' }, '1,5 s', /as a point: 1\.5 s/u],
    [{ type: 'duration' }, '1.5', /give it a unit: 1\.5 s, 1\.5 min/u],
    [{ type: 'duration' }, '06:30', /with their units: 1 h 30 min/u],
    [{ type: 'duration' }, '2 fortnights', /units are d, h, min, s and ms/u],
    [choice, 'colum-wise', /Perhaps 'column-wise' is meant/u],
    [{ type: 'choice', choices: ['a-b', 'a_b'] }, 'A b', /must be one of a-b, a_b/u],
    [{ type: 'wells' }, 'A1-H1', /perhaps A1:H1 is meant/u],
    [{ type: 'wells' }, '1A', /perhaps A1 is meant/u],
    [{ type: 'wells' }, 'A1 B1', /perhaps A1,B1 is meant/u],
    [well, '1. Mai', /made a date of it/u],
    [list, '1;2', /^'rows\[0\]' must be a number/u],
    [list, '1,,2', /^'rows\[1\]' is empty/u],
    [list, '1,5\n2\n', /^'rows\[0\]' .*as a point: 1\.5/u],
    [list, '[1, 2', /it is no JSON/u],
    [{ type: 'record', fields: { v: volume } }, '{"v": 1, "v": 250}', /'v' stands twice/u],
  ])('%j %j', (spec, text, detail) => {
    expect(read(spec, text).problems).toEqual([expect.stringMatching(detail)]);
  });
});

describe('tables that are read', () => {
  const twoRows = [
    { well: ['A1'], volumeUl: 10 },
    { well: ['B2'], volumeUl: 11.5 },
  ];
  test.each<[name: string, text: string]>([
    ['of a spreadsheet', '\uFEFFwell,volumeUl\r\nA1,10\r\nB2,11.5\r\n'],
    ['with semicolons', 'well;volumeUl\nA1;10\nB2;11.5\n'],
    ['with tabs', 'well\tvolumeUl\nA1\t10\nB2\t11.5'],
    ['with a declared separator', 'sep=;\r\nwell;volumeUl\r\nA1;10\r\nB2;11.5\r\n'],
    ['with old line ends', 'well,volumeUl\rA1,10\rB2,11.5\r'],
    ['with mixed line ends', 'well,volumeUl\r\nA1,10\nB2,11.5\r'],
    ['with rows of nothing', '\n,\nwell,volumeUl\n,\nA1,10\n\n"",\nB2,11.5\n,\n , \n'],
    ['with separators at the end', 'well,volumeUl,\nA1,10,\nB2,11.5,,\n'],
    ['with quotes', '"well","volumeUl"\n"A1","10"\n"B2",11.5\n'],
    ['with blanks', 'well , volumeUl\n A1, 10\n\u00A0B2,11.5\u00A0\n'],
    ['with another order', 'volumeUl,well\n10,A1\n11.5,B2\n'],
    ['with the title of its files', 'Well,Volume (in UL)\nA1,10\nB2,11.5\n'],
    ['with units', 'well,volumeUl\nA1,10 µL\nB2,11.5uL\n'],
    ['whose points are decimal, as one number shows', 'well;volumeUl\nA1;10.000\nB2;11.5\n'],
  ])('%s', (_name, text) => {
    expect(read(rows, text)).toEqual({ value: twoRows, problems: [] });
  });

  test('rows of nothing are no rows, an empty cell takes its default', () => {
    expect(read(defaults, 'well,volumeUl\nA1,10\n,\n,\n')).toEqual({ value: [{ well: ['A1'], volumeUl: 10 }], problems: [] });
    expect(read(defaults, 'well,volumeUl\n,10\nA2,\n').value).toEqual([
      { well: ['A1'], volumeUl: 10 },
      { well: ['A2'], volumeUl: 50 },
    ]);
    expect(read(defaults, 'well,volumeUl\n').value).toEqual([]);
  });

  test('quoted cells hold line ends, quotes and blanks as they are', () => {
    const text: ParameterSpec = { type: 'table', fields: { a: { type: 'text' }, b: { type: 'text' } } };
    expect(read(text, 'a,b\n"x\r\ny"," say ""so"", "\n').value).toEqual([{ a: 'x\r\ny', b: ' say "so", ' }]);
  });
});

describe('tables that are refused with their line and column', () => {
  test.each<[name: string, text: string, details: readonly RegExp[]]>([
    [
      'a cell beyond the header',
      'well,volumeUl\nA1,1,5\n',
      [/^'rows' in picks\.csv, line 2: column 3 has no title, and holds "5".*decimal comma as a point\.$/u],
    ],
    ['a line that ends early', 'well,volumeUl\nA1,1\nA2\n', [/line 3: the line ends before column 2 'volumeUl'/u]],
    [
      'a column twice',
      'well,volumeUl,volumeUl\nA1,10,250\n',
      [/line 1: 'volumeUl' stands twice in the header, as column 2 and as column 3/u],
    ],
    [
      'a column under two titles',
      'well,volumeUl,VOLUME  (in ul)\nA1,1,2\n',
      [/'volumeUl' and 'VOLUME {2}\(in ul\)' are both the column volumeUl/u],
    ],
    ['a column in full-width letters', 'well,volumeUl,ｖｏｌｕｍｅＵｌ\n', [/both the column volumeUl/u]],
    ['text after a quote', 'well,volumeUl\n"A1"2,10\n', [/line 2: column 1 'well': after its closing quote stands "2,10"/u]],
    ['a quote in the middle', 'well,volumeUl\nA"1",10\n', [/line 2: column 1 'well': a quote stands in the middle/u]],
    ['a blank before a quote', 'well,volumeUl\nA1, "10"\n', [/line 2: column 2 'volumeUl': blanks stand before its quote/u]],
    [
      'an open quote, after a cell of several lines',
      'well,volumeUl\n"A\r\n1",1\nA2,"10\nA3,1\n',
      [/line 4: column 2 'volumeUl': its quote is never closed/u],
    ],
    [
      'a bad number',
      'well,volumeUl\nA1,1\n\nA2,abc\n',
      [/line 4, column 2 'volumeUl': must be a number from 0\.1 to 300 µL, not "abc"\.$/u],
    ],
    [
      'a number out of range',
      'volumeUl,well\n500,A1\n',
      [/line 2, column 1 'volumeUl': must be a number from 0\.1 to 300 µL, not 500\.$/u],
    ],
    [
      'all of a file in the order of its lines',
      'well,volumeUl\nA13,1\nA1,1;5\nA2,\n',
      [/line 2, column 1 'well'.*A13/u, /line 3, column 2/u, /line 4, column 2 'volumeUl': \(number.*is required/u],
    ],
    [
      'an unknown column',
      'well,volumeUl,comment\nA1,1,x\n',
      [/line 1: column 3 'comment' is not known; there are: well, volumeUl \('Volume \(in ul\)'\)/u],
    ],
    ['a misspelt column', 'well,volumUl\nA1,1\n', [/'volumUl' is not known, perhaps 'volumeUl' is meant/u, /'volumeUl' is missing/u]],
    ['a missing column', 'well\nA1\n', [/line 1: the column 'volumeUl' is missing/u]],
    ['no header', 'A1,10\nA2,10\n', [/line 1: the first line must name the columns .* it is "A1,10"/u]],
    ['nothing', '', [/there is nothing in it/u]],
    ['a web page', '<!DOCTYPE html><html>', [/web page/u]],
    ['a PDF', '%PDF-1.7', [/another kind/u]],
    ['bytes', 'well,volumeUl\nA1,\u0000\n', [/line 2: column 2 'volumeUl': it holds the character U\+0000/u]],
    ['points that may part thousands', 'well;volumeUl\nA1;1.500\n', [/line 2, column 2 'volumeUl': .*write 1500 or 1\.5/u]],
    ['JSON with a name twice', '[{"well":"A1","volumeUl":1,"volumeUl":250}]', [/'volumeUl' stands twice/u]],
  ])('%s', (_name, text, details) => {
    expect(read(rows, text, 'picks.csv').problems).toEqual(details.map((detail) => expect.stringMatching(detail)));
  });

  test('a table that is wrong throughout is not told of for ever', () => {
    expect(read(rows, `well,volumeUl\n${'A1,x\n'.repeat(1_000)}`).problems).toHaveLength(20);
  });
});

test('what is not asked for is refused with the nearest name', () => {
  const { problems } = readParameters({ volume }, { volum: '1' });
  expect(problems.map(({ code, field }) => [code, field])).toEqual([
    ['UNKNOWN_PARAMETER', 'parameters.volum'],
    ['MISSING_PARAMETER', 'parameters.volume'],
  ]);
  expect(problems[0]?.detail).toMatch(/Perhaps 'volume' is meant/u);
});
