// Each invariant finds the evidence that violates it, names what shows it, and finds nothing where all is well.

import { describe, expect, test } from '@jest/globals';
import { checkLab, INVARIANTS } from './check-lab.js';
import type { Evidence } from './evidence.js';
import { describeFindings } from './report.js';
import { actAgain, READ_AT_MS, spoil } from './test-evidence.js';
import { RIGHTS } from './test-rights.js';
import { VIOLATIONS_OF_COMMANDS } from './test-violations-of-commands.js';
import { VIOLATIONS_OF_CLAIMS_AND_MATTER } from './test-violations-of-claims-and-matter.js';
import { VIOLATIONS_OF_HISTORY } from './test-violations-of-history.js';
import { VIOLATIONS_OF_WISHES } from './test-violations-of-wishes.js';
import { VIOLATIONS_OF_LOSSES_AND_HOLDS } from './test-violations-of-losses-and-holds.js';

const VIOLATIONS = [
  ...VIOLATIONS_OF_COMMANDS,
  ...VIOLATIONS_OF_CLAIMS_AND_MATTER,
  ...VIOLATIONS_OF_HISTORY,
  ...VIOLATIONS_OF_WISHES,
  ...VIOLATIONS_OF_LOSSES_AND_HOLDS,
];

describe('each invariant finds what violates it', () => {
  test.each(VIOLATIONS.map(([invariant, name, change, words, tape]) => ({ invariant, name, change, words, tape })))(
    '$invariant: $name',
    ({ invariant, change, words, tape }) => {
      const evidence = spoil(change);
      const found = checkLab(evidence).filter((each) => each.invariant === invariant && words.test(each.what));
      expect(found.map(({ what }) => what)).not.toEqual([]);
      if (tape) expect(found[0]?.tape).toEqual(tape);
    },
  );

  test('every one of them is proven', () => {
    expect(INVARIANTS.map(({ id }) => id)).toEqual(Array.from({ length: 26 }, (_, k) => `I${k + 1}`));
    expect(new Set(VIOLATIONS.map(([id]) => id))).toEqual(new Set(INVARIANTS.map(({ id }) => id)));
  });
});

describe('no invariant finds fault with what is right', () => {
  test.each(RIGHTS)('%s', (_name, change) => {
    expect(checkLab(spoil(change))).toEqual([]);
  });
});

test('the report names the first violated invariant and shows its lines of the tape', () => {
  const evidence: Evidence = spoil((all) => actAgain(all, 2, { fence: 3, before: {}, after: {} }));
  const text = describeFindings(checkLab(evidence), evidence);
  expect(text).toMatch(/First violated: I1 A command acts at most once/u);
  expect(text).toContain('▌ 4 ');
  expect(describeFindings([], evidence)).toContain('26 invariants hold');
  expect(READ_AT_MS).toBe(evidence.readAtMs);
});
