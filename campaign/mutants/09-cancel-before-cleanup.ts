// A run is shown as cancelled as soon as it is cancelled; its cleanups come when they come.

import type { MutantOfLab } from './mutant.js';

const LATE_MS = 2_500;

export const cancelBeforeCleanup: MutantOfLab = {
  number: 9,
  name: 'cancel reports before cleanup ends',
  caughtBy: ['I12'],
  replacements: [
    {
      file: 'workflows/open-engine.ts',
      old: '      operations.cancel();\n      // Where it is refused, its end says so.\n      becomeCancelled().catch(() => undefined);\n',
      new: `      operations.cancel();
      const end = { runId: input.runId, status: 'cancelled', result: null, error: null, fence: null, calls: null, labware: [], quarantineMachines: [] } as const;
      void CancellationScope.nonCancellable(() => activities.finishRun(end));
      becomeCancelled().catch(() => undefined);\n`,
    },
  ],
  provoke: async ({ start, planFault, waitForAct, control }) => {
    await planFault({ device: 'star', op: 'aspirate', mode: 'late-reply', delayMs: LATE_MS });
    const runId = await start('liquid_program', [{ do: 'stroke', well: 'E1', volumeUl: 5 }]);
    await waitForAct(runId, 'aspirate');
    await control('cancel', runId);
    // The run is over for everybody who looks, so only the act itself tells that its cleanup has come.
    await waitForAct(runId, 'drop_tips');
  },
};
