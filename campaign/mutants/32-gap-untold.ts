// A journal is lost, and the runs of which commands may stand in no list say nothing of it.

import type { MutantOfTest } from './mutant.js';

export const gapUntold: MutantOfTest = {
  number: 32,
  name: 'runs untold of what a lost journal knew',
  replacements: [
    {
      file: 'db/losses/journal-loss.queries.ts',
      old: `,
      ...(gap ? tellRuns(gap, { workcell, atMs }) : []),
    ]`,
      new: ', ...(gap ? tellRuns({ ...gap, runs: [] }, { workcell, atMs }) : [])]',
    },
  ],
  test: { file: 'db/losses/journal-loss.queries.test.ts', title: 'who accepts a journal, and each run that may have moved, is told' },
};
