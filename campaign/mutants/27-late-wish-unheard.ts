// The teller of the outside says a turn too late that it has ended: who wants something in between is neither heard nor told.

import type { MutantOfTest } from './mutant.js';

export const lateWishUnheard: MutantOfTest = {
  number: 27,
  name: 'wish in the last turn of the telling unheard',
  replacements: [
    {
      file: 'workflows/execution/outside-control.ts',
      old: '    } finally {\n      // In the turn',
      new: '      for (let turn = 0; turn < 3; turn++) await Promise.resolve();\n    } finally {\n      // In the turn',
    },
  ],
  test: { file: 'test/inbox.test.ts', title: 'lets the run go, at whatever moment of telling the outside it is decided' },
};
