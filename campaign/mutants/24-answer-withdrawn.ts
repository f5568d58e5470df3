// A cancel takes back an answer that was accepted before it could be written down.

import type { MutantOfTest } from './mutant.js';

export const answerWithdrawn: MutantOfTest = {
  number: 24,
  name: 'accepted answer withdrawn',
  replacements: [
    {
      file: 'workflows/execution/inbox.ts',
      old: '      await keepAnswer(given);\n      return given;',
      new: `      const withdraw = async (error: unknown): Promise<never> => {
        await close({ itemId, runId, status: 'withdrawn' });
        throw error;
      };
      await activities.closeItem({ itemId, runId, status: 'answered', given }).catch(withdraw);
      return given;`,
    },
  ],
  test: { file: 'test/inbox.test.ts', title: 'is on record as given, also where the run is cancelled' },
};
