// The limit of author code breaks off what runs by then, which may be the first cleanup.

import type { MutantOfTest } from './mutant.js';

export const cleanupBrokenOff: MutantOfTest = {
  number: 36,
  name: 'limit breaks off a cleanup',
  replacements: [
    { file: 'workflows/calls/limit-author.ts', old: '  if (scope.isBodyOver) return;\n  scope.breakOff?.(', new: '  scope.breakOff?.(' },
  ],
  test: { file: 'test/author-faults.test.ts', title: 'the cleanup runs to its end all the same' },
};
