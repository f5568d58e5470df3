// A run that had to leave its process and is led back to where it was counts as one whose turn was refused.

import type { MutantOfTest } from './mutant.js';

export const replayTakenForFailure: MutantOfTest = {
  number: 42,
  name: 'replay taken for failure',
  replacements: [
    {
      file: 'slots/turn-record.ts',
      old: "  if (isReplayed) return events >= before.events ? 'recorded' : 'open';\n",
      new: "  if (isReplayed) return 'open';\n",
    },
  ],
  test: { file: 'test/unrecorded-turns.test.ts', title: 'runs that leave their process after nearly each turn' },
};
