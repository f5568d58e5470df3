// Children belong to the execution that started them: they are gone when their parent continues as new.

import type { MutantOfTest } from './mutant.js';

export const childrenEndWithExecution: MutantOfTest = {
  number: 20,
  name: 'children end with the execution',
  replacements: [
    { file: 'workflows/calls/call-child.ts', old: "      parentClosePolicy: 'ABANDON',", new: "      parentClosePolicy: 'TERMINATE'," },
  ],
  test: { file: 'test/children.test.ts', title: 'are all heard once' },
};
