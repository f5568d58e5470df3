// The workflow continues as new while a pause, a resume or a cancel is only being made true: the next execution takes it for done.

import type { MutantOfTest } from './mutant.js';

export const unheardControl: MutantOfTest = {
  number: 18,
  name: 'unheard cancel',
  replacements: [
    {
      file: 'workflows/calls/continue-as-new.ts',
      old: 'windows.isSettled() && control.isSettled() && callLog',
      new: 'windows.isSettled() && callLog',
    },
  ],
  test: { file: 'test/continuing.test.ts', title: 'pause and resume, again and again, are all made true' },
};
