// A start takes what it found free without looking again once it holds the locks.

import type { MutantOfTest } from './mutant.js';

export const takenUnlooked: MutantOfTest = {
  number: 26,
  name: 'items taken without a second look',
  replacements: [
    {
      file: 'db/migrations/0018-take-free.ts',
      old: 'if locked < cardinality(ids) or exists (select from reservation where asset_id = any(ids)) or exists (select from asset_wait where asset_id = any(ids)) then',
      new: 'if locked < cardinality(ids) then',
    },
  ],
  test: { file: 'db/assets/find-choice.test.ts', title: 'starts at once share out what is free' },
};
