// What travelled with a question that was never opened is told by nobody.

import type { MutantOfTest } from './mutant.js';

export const logOfUnaskedItem: MutantOfTest = {
  number: 33,
  name: 'call log lost with an unopened item',
  replacements: [{ file: 'workflows/execution/inbox.ts', old: '      if (calls) callLog.putBack(calls);\n', new: '' }],
  test: {
    file: 'test/control.test.ts',
    title: 'of a run that was cancelled meanwhile asks nobody, and what would have travelled with the question is told all the same',
  },
};
