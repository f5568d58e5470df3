// Tidying up after a run that ended with tips on: whatever the channels hold goes into the trash.

import { LabError, machine, protocolFunction } from '../sdk/index.js';

export const discardTips = protocolFunction(
  {
    name: 'discard_tips',
    version: '1.0.0',
    isTopLevel: true,
    description: 'Discards whatever tips are mounted into the trash.',
    assets: { lh: machine.liquidHandler({ description: 'The liquid handler to tidy up' }) },
  },
  async (_parameters, { lh }) => {
    try {
      await lh.discardTips();
    } catch (error) {
      // Nothing is mounted, which is what was wanted.
      if (error instanceof LabError && error.code === 'TIP_MISSING') return { discarded: false };
      throw error;
    }
    return { discarded: true };
  },
);
