// A failed cleanup of a call is forgotten when its caller continues as new: the machines go back into service unseen.

import type { MutantOfLab } from './mutant.js';

/** Enough for some continuations within the smallest budget. */
const MOVES = 40;

export const cleanupForgotten: MutantOfLab = {
  number: 16,
  name: 'carried state left out',
  caughtBy: ['I23'],
  historyBudgetEvents: 60,
  replacements: [{ file: 'workflows/calls/continue-as-new.ts', old: '    cleanupFailures: [...cleanupFailures],\n', new: '' }],
  provoke: async ({ start, waitForEnd }) => {
    await waitForEnd(
      await start('instrument_program', [
        { do: 'tolerate', steps: [{ do: 'call', kind: 'child', steps: [{ do: 'untidy' }] }] },
        ...Array.from({ length: MOVES }, () => ({ do: 'peel' })),
      ]),
    );
  },
};
