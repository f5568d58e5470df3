// Every mutant can be planted in the sources of today, and is another program then.

import { expect, test } from '@jest/globals';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { findProjectRoot } from '../../platform/paths.js';
import { INVARIANTS } from '../check/check-lab.js';
import { MUTANTS } from './all-mutants.js';
import { isOfTest } from './mutant.js';
import { compile, mutateSources } from './plant.js';

const ROOT = findProjectRoot();

test('each has a number of its own; each with an invariant or a test that is to catch it', () => {
  const numbers = MUTANTS.map(({ number }) => number);
  expect(numbers).toEqual([...new Set(numbers)].sort((a, b) => a - b));
  const known = INVARIANTS.map(({ id }) => id);
  for (const mutant of MUTANTS) {
    if (isOfTest(mutant)) expect(readFileSync(path.join(ROOT, mutant.test.file), 'utf8')).toContain(mutant.test.title);
    else expect(mutant.caughtBy.filter((id) => known.includes(id)).length).toBeGreaterThan(0);
  }
});

test.each(MUTANTS.map((mutant) => ({ name: mutant.name, mutant })))('$name: its texts stand in the sources', ({ mutant }) => {
  for (const [file, text] of mutateSources(ROOT, mutant)) {
    const today = readFileSync(path.join(ROOT, file), 'utf8');
    expect(text).not.toBe(today);
    if (file.endsWith('.ts')) expect(compile(text)).not.toBe(compile(today));
  }
});

test('a text that is gone is an error that names mutant and file', () => {
  const [first] = MUTANTS;
  const gone = { ...first!, replacements: [{ file: 'package.json', old: 'no such text', new: '' }] };
  expect(() => mutateSources(ROOT, gone)).toThrow(/Mutant 1 .*package\.json holds this text 0 times/u);
});
