// A command of which nobody knows what it did is told as one that has failed: nobody is asked.

import type { MutantOfLab } from './mutant.js';

export const uncertainAsFailed: MutantOfLab = {
  number: 12,
  name: 'uncertain mapped to failed',
  caughtBy: ['I3'],
  replacements: [{ file: 'activities/execute-command.ts', old: `uncertain: 'UNCERTAIN'`, new: `uncertain: 'MACHINE_ERROR'` }],
  provoke: async ({ start, planFault }) => {
    await planFault({ device: 'star', op: 'aspirate', mode: 'lose-reply' });
    await start('liquid_program', [{ do: 'stroke', well: 'F1', volumeUl: 5 }]);
  },
};
