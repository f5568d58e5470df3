// A pause holds the root of a run alone: the gate of its children and the hold of the bridge leave them out.

import type { MutantOfLab } from './mutant.js';

const HOLD_MS = 1_500;
const STEPS = 40;

export const pauseSkippedInChildren: MutantOfLab = {
  number: 10,
  name: 'pause gate skipped in children',
  caughtBy: ['I11'],
  replacements: [
    {
      file: 'workflows/open-engine.ts',
      old: '    isPaused: () => control.isPaused(),\n    isCancelled',
      new: '    isPaused: () => child === undefined && control.isPaused(),\n    isCancelled',
    },
    {
      file: 'bridge/praxis_bridge/admission/admission.py',
      old: 'if request.run_id in self._memory.held and not request.is_shielded:',
      new: 'if request.run_id in self._memory.held and not request.is_shielded and "/" not in request.identity["callPath"]:',
    },
  ],
  provoke: async ({ start, waitForAct, control }) => {
    const runId = await start(
      'instrument_program',
      Array.from({ length: STEPS }, () => ({ do: 'peel' })),
    );
    await waitForAct(runId, 'peel');
    if (!(await control('pause', runId, HOLD_MS))) throw new Error('The pause was not acknowledged.');
  },
};
