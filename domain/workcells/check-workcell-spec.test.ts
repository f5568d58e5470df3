// What is wrong with a workcell file, by field, with the nearest known name.

import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import type { Json } from '../json/json.js';
import { checkWorkcellSpec } from './check-workcell-spec.js';

const read = (): Record<string, Json> => JSON.parse(readFileSync('deploy/demo-workcell.json', 'utf8')) as Record<string, Json>;

function change(at: number, changes: Readonly<Record<string, Json | undefined>>): Json {
  const file = read();
  const labware = file['labware'] as Record<string, Json>[];
  labware[at] = JSON.parse(JSON.stringify({ ...labware[at], ...changes })) as Record<string, Json>;
  return file;
}

test('the demonstration has no fault', () => {
  expect(checkWorkcellSpec(read())).toEqual([]);
});

test.each<[changes: Readonly<Record<string, Json | undefined>>, path: string, message: RegExp]>([
  [{ fresh: { wellsul: { A1: 200 } } }, 'labware.0.fresh.wellsul', /wellsul in fresh of tips_1 is not known; did you mean wellsUl\?/],
  [{ fresh: undefined, Fresh: {} }, 'labware.0.Fresh', /Fresh of tips_1 is not known; did you mean fresh\?/],
  [{ autoreplace: true }, 'labware.0.autoreplace', /did you mean autoReplace\?/],
  [{ fresh: undefined }, 'labware.0', /fresh of tips_1 is missing/],
  [{ fresh: { wellsUl: { A01: 1 } } }, 'labware.0.fresh.wellsUl.A01', /'A01' in fresh of tips_1 is no well/],
  [{ fresh: { wellsUl: { A1: -1 } } }, 'labware.0.fresh.wellsUl.A1', /must be a volume/],
  [{ fresh: { volumeUl: '10' } }, 'labware.0.fresh.volumeUl', /must be a volume/],
  [{ name: 'tips 1' }, 'labware.0.name', /without blanks/],
  [{ category: 'plates' }, 'labware.0.category', /must be one of plate/],
])('%j', (changes, path, message) => {
  expect(checkWorkcellSpec(change(0, changes))[0]).toEqual({ path, message: expect.stringMatching(message) });
});

test('text and lists are no workcell', () => {
  expect(checkWorkcellSpec('x')).toHaveLength(1);
  expect(checkWorkcellSpec([]).length).toBeGreaterThan(0);
});
