// Whatever a text is made of, its summary is one that Temporal takes.

import { expect, test } from '@jest/globals';
import { countJsonBytes } from './byte-size.js';
import { toSummary, toSummaryOfEnd } from './summary.js';

/** Of the summary as JSON, with room for what the payload says of itself. */
const TEMPORAL_LIMIT_BYTES = 400 - 32;

test('it is short enough as JSON for every kind of character, and whole characters are left', () => {
  for (const unit of ['x', 'µ', '溶', '🧪', '\u0001', '\ud83d', '"', '\\', 'a\n']) {
    for (const summary of [toSummary(unit.repeat(300)), toSummaryOfEnd(unit.repeat(300))]) {
      expect(countJsonBytes(summary)).toBeLessThanOrEqual(TEMPORAL_LIMIT_BYTES);
      expect(Buffer.from(summary).toString()).toBe(summary);
    }
  }
});

test('what is short stays as it is, in one line; of what is long the beginning or the end is left', () => {
  expect([toSummary('wash\nplate=µ 🧪'), toSummaryOfEnd('run/wash.1')]).toEqual(['wash plate=µ 🧪', 'run/wash.1']);
  const path = `run/${'溶液.1/'.repeat(60)}mix.2`;
  expect(toSummary(path)).toMatch(/^run\/溶液.*…$/u);
  expect(toSummaryOfEnd(path)).toMatch(/^….*\/mix\.2$/u);
});
