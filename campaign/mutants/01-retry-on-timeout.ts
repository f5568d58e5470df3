// A command whose outcome nobody knows is tried again under its next number, without a word from anybody.

import type { MutantOfLab } from './mutant.js';

/** Beyond what a driver of the campaign waits for a reply. */
const TOO_LATE_MS = 4_000;

export const retryOnTimeout: MutantOfLab = {
  number: 1,
  name: 'retry on timeout',
  caughtBy: ['I1'],
  replacements: [
    {
      file: 'workflows/command/send-command.ts',
      old: `if (isLabError(error, 'UNCERTAIN')) noteDoubt(progress, error.message, readFacts(error.details));`,
      new: `if (isLabError(error, 'UNCERTAIN')) progress.retry += 1;`,
    },
    {
      file: 'bridge/praxis_bridge/admission/admission.py',
      old: 'uncertain = self._memory.quarantined.get(request.machine)',
      new: 'uncertain = None',
    },
  ],
  provoke: async ({ start, planFault }) => {
    await planFault({ device: 'star', op: 'aspirate', mode: 'late-reply', delayMs: TOO_LATE_MS });
    await start('liquid_program', [{ do: 'stroke', well: 'A1', volumeUl: 3 }]);
  },
};
