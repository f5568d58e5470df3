// I19: runs beside each other leave each other alone.

import type { Invariant } from './evidence.js';

const ENDED_OUTSIDE = ['terminated', 'timed-out'];

export const neighbours: Invariant = {
  id: 'I19',
  says: "A run that held its assets to its end was refused by nobody else's fence.",
  check({ database, executions }) {
    const endedOutside = new Set(
      executions.filter(({ status }) => ENDED_OUTSIDE.includes(status)).map(({ workflowId }) => workflowId.split('/')[0]),
    );
    return database.runs.flatMap(({ id, status, errorCode }) =>
      errorCode === 'STALE_FENCE' && !endedOutside.has(id)
        ? [{ what: `Run ${id} is ${status} by STALE_FENCE, although nobody took its assets from it.`, tape: [] }]
        : [],
    );
  },
};
