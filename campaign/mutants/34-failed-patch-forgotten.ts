// What a failed call has changed in the run state is forgotten when the workflow continues as new.

import type { MutantOfTest } from './mutant.js';

export const failedPatchForgotten: MutantOfTest = {
  number: 34,
  name: 'changes of a failed call forgotten on re-entry',
  replacements: [
    {
      file: 'workflows/track-call.ts',
      old: "    mergeState(call, patch, 'failed');",
      new: "    mergeState(call, gate.isReentering ? null : patch, 'failed');",
    },
  ],
  test: { file: 'test/children.test.ts', title: 'the changes of a failed child count after it' },
};
