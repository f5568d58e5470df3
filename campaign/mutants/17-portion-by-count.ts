// What one message of the call log carries is counted in entries alone, whatever they weigh.

import type { MutantOfTest } from './mutant.js';

export const portionByCount: MutantOfTest = {
  number: 17,
  name: 'portion by count',
  replacements: [
    {
      file: 'workflows/execution/waiting-entries.ts',
      old: '        if (portionBytes + each.bytes > PORTION_BYTES && !(isFirst && mayBeLarge)) break;\n',
      new: '        if (isFirst && !mayBeLarge && each.bytes > PORTION_BYTES) break;\n',
    },
  ],
  test: { file: 'workflows/execution/call-log.test.ts', title: 'a portion is full by bytes long before it is by count' },
};
