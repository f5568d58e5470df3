// Tidying up after a run that ended with tips on: whatever the channels and the 96-head hold goes into the trash.

import { LabError, machine, protocolFunction } from '../sdk/index.js';

export const discardTips = protocolFunction(
  {
    name: 'discard_tips',
    version: '1.0.0',
    isTopLevel: true,
    description: 'Discards whatever tips are mounted, on channels and on the 96-head, into the trash.',
    assets: { lh: machine.liquidHandler({ description: 'The liquid handler to tidy up' }) },
  },
  async (_parameters, { lh }) => {
    const discarded = [await tryDiscarding(() => lh.discardTips()), await tryDiscarding(() => lh.discardTips96())];
    return { discarded: discarded.includes(true) };
  },
);

/** False where nothing is mounted, which is what was wanted. */
async function tryDiscarding(discard: () => Promise<void>): Promise<boolean> {
  try {
    await discard();
  } catch (error) {
    if (error instanceof LabError && error.code === 'TIP_MISSING') return false;
    throw error;
  }
  return true;
}
