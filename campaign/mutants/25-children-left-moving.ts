// A run that cannot go on ends and leaves its calls to themselves.

import type { MutantOfTest } from './mutant.js';

export const childrenLeftMoving: MutantOfTest = {
  number: 25,
  name: 'children left moving',
  replacements: [{ file: 'workflows/calls/another-way.ts', old: '    await endChildren(engine);\n', new: '' }],
  test: { file: 'test/another-way.test.ts', title: 'its calls stand still until somebody has read of it' },
};
