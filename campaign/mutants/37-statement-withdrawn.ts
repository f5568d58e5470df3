// A cancel withdraws a question while its answer is being made true.

import type { MutantOfTest } from './mutant.js';

export const statementWithdrawn: MutantOfTest = {
  number: 37,
  name: 'accepted statement withdrawn',
  replacements: [
    {
      file: 'workflows/execution/inbox.ts',
      old: 'condition(() => item.taken === undefined || item.answer !== undefined));\n        if (item.answer',
      new: 'condition(() => true));\n        if (item.answer',
    },
  ],
  test: { file: 'test/inbox.test.ts', title: 'on record as accepted where the person was told so' },
};
