// A cancel takes back an answer that was accepted before it could be written down.

import type { MutantOfTest } from './mutant.js';

export const answerWithdrawn: MutantOfTest = {
  number: 24,
  name: 'accepted answer withdrawn',
  replacements: [
    {
      file: 'workflows/inbox.ts',
      old: '        if (item.answer !== undefined) await keepAnswer(item.answer);\n        else {',
      new: '        {',
    },
    {
      file: 'workflows/inbox.ts',
      old: "await close({ itemId, runId, status: 'answered', given });",
      new: "await activities.closeItem({ itemId, runId, status: 'answered', given });",
    },
  ],
  test: { file: 'test/inbox.test.ts', title: 'is on record as given, also where the run is cancelled' },
};
