// A child closes without waiting until its parent has heard how it ended: a message that is only on its way is lost with it.

import type { MutantOfTest } from './mutant.js';

export const endNotAwaited: MutantOfTest = {
  number: 21,
  name: 'end of a child not awaited',
  replacements: [
    {
      file: 'workflows/run-child.ts',
      old: '    await tellEnd(child.parentWorkflowId, { ...left, ended: { result } });',
      new: '    void tellEnd(child.parentWorkflowId, { ...left, ended: { result } });',
    },
  ],
  test: { file: 'test/children.test.ts', title: 'are all heard once' },
};
