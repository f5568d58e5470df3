// Nobody notes which run ended a process of workflow code: it is executed again beside all others, for ever.

import type { MutantOfTest } from './mutant.js';

export const strikesNotKept: MutantOfTest = {
  number: 22,
  name: 'strikes never added',
  replacements: [{ file: 'slots/strikes.ts', old: '      counts.set(workflowId, count);\n', new: '' }],
  test: { file: 'test/hostile.test.ts', title: 'the others complete, and the run is refused after the second time' },
};
