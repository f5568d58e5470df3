// I16: when the faults are over, the lab works as before.

import type { Invariant } from './evidence.js';

export const tailOk: Invariant = {
  id: 'I16',
  says: 'A run that is started after the last fault completes.',
  check: ({ observations }) =>
    observations.flatMap((seen) =>
      seen.what === 'tail' && seen.status !== 'completed'
        ? [{ what: `Run ${seen.runId}, started after the last fault, is ${seen.status}.`, tape: [] }]
        : [],
    ),
};
