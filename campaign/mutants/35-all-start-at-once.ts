// All children that wait for room begin as soon as there is any.

import type { MutantOfTest } from './mutant.js';

export const allStartAtOnce: MutantOfTest = {
  number: 35,
  name: 'all children begin at once',
  replacements: [{ file: 'workflows/calls/call-child.ts', old: '  } while (!mayBegin());', new: '  } while (isLeftOver());' }],
  test: { file: 'test/open-at-once.test.ts', title: 'begin in turns, and all end' },
};
