// SENT is never written.

import type { MutantOfLab } from './mutant.js';

export const sentMissing: MutantOfLab = {
  number: 6,
  name: 'SENT missing',
  caughtBy: ['I1'],
  replacements: [{ file: 'bridge/praxis_bridge/journal/trace.py', old: 'self.write([sent])', new: 'pass' }],
  provoke: async ({ start }) => {
    await start('liquid_program', [{ do: 'stroke', well: 'D1', volumeUl: 5 }]);
  },
};
