// When the journal that a bridge greets with counts as lost: what each side remembers of the other is held together.

import { expect, test } from '@jest/globals';
import { judgeJournal, type Greeting, type KnownJournal, type RowMark } from './journal-identity.js';

const MARK: RowMark = { row: 10, kind: 'END', atMs: 5 };
const GREETING: Greeting = { bridgeId: 'a', lastRow: 12, shippedRow: 10, hasMoved: true };
const KNOWN: KnownJournal = { expectedId: 'a', hasCommands: true, shipped: MARK, newestAtMs: null };

const CASES: readonly (readonly [
  name: string,
  is: string,
  greeting: Partial<Greeting>,
  known: Partial<KnownJournal>,
  kept: RowMark | undefined,
  words?: RegExp,
])[] = [
  ['the same with more rows', 'known', {}, {}, MARK],
  ['of which nothing was shipped yet', 'known', { shippedRow: 0 }, { shipped: null }, undefined],
  ['an upgraded lab that has its rows and no id yet', 'known', {}, { expectedId: null }, MARK],
  [
    'an empty one where nothing was ever sent',
    'new',
    { bridgeId: 'b', lastRow: 1, shippedRow: 0, hasMoved: false },
    { expectedId: null, hasCommands: false, shipped: undefined },
    undefined,
  ],
  [
    'another id',
    'lost',
    { bridgeId: 'b', lastRow: 1, shippedRow: 0, hasMoved: false },
    { shipped: undefined },
    undefined,
    /another journal/u,
  ],
  [
    'an empty one where commands were sent',
    'lost',
    { bridgeId: 'b', lastRow: 1, shippedRow: 0, hasMoved: false },
    { expectedId: null, shipped: undefined },
    undefined,
    /empty journal/u,
  ],
  [
    'one that moved, and Postgres knows nothing',
    'lost',
    {},
    { expectedId: null, hasCommands: false, shipped: undefined },
    undefined,
    /knows nothing/u,
  ],
  ['an end below the shipped row', 'lost', { lastRow: 9, shippedRow: 4 }, {}, undefined, /ends at row 9/u],
  ['another row under the shipped number', 'lost', { lastRow: 30 }, {}, { ...MARK, atMs: 6 }, /another one than before/u],
  ['another kind of row under it', 'lost', { lastRow: 30 }, {}, { ...MARK, kind: 'BOOT' }, /another one than before/u],
  ['no row under it', 'lost', { lastRow: 30 }, {}, undefined, /another one than before/u],
  ['one that was told more rows than Postgres has', 'lost', { shippedRow: 11 }, {}, MARK, /up to row 10/u],
];

// Not as parameters: jest would take one that a case leaves out for a callback, and wait for it.
test.each(CASES)('%s: %s', (...[, is, greeting, known, kept, words]) => {
  const verdict = judgeJournal('star', { ...GREETING, ...greeting }, { known: { ...KNOWN, ...known }, kept });
  expect(verdict.is).toBe(is);
  if (verdict.is === 'lost') expect(verdict.because).toMatch(words ?? /never/u);
});

test('only what misses rows puts commands in doubt, and only a copy gets another name', () => {
  const judge = (greeting: Partial<Greeting>, known: Partial<KnownJournal>, kept?: RowMark) =>
    judgeJournal('star', { ...GREETING, ...greeting }, { known: { ...KNOWN, ...known }, kept });
  expect(judge({ shippedRow: 11 }, {}, MARK)).toMatchObject({ isWhole: true, isCopy: false });
  expect(judge({}, { expectedId: null, shipped: undefined })).toMatchObject({ isWhole: true, isCopy: false });
  expect(judge({ lastRow: 9, shippedRow: 4 }, {})).toMatchObject({ isWhole: false, isCopy: true });
  expect(judge({ bridgeId: 'b' }, { shipped: undefined })).toMatchObject({ isWhole: false, isCopy: false });
});
