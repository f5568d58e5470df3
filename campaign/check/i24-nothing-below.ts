// I24: nothing of a run goes on when the run is over.

import type { Invariant } from './evidence.js';
import { lastExecutions } from './i08-history.js';

/** A run that is ended from outside takes its calls along within this time. */
const TAKEN_ALONG_WITHIN_MS = 5_000;

export const nothingBelow: Invariant = {
  id: 'I24',
  says: 'Below a run that has closed no workflow is open 5 s later.',
  check({ executions, readAtMs }) {
    const last = lastExecutions(executions);
    return executions.flatMap(({ workflowId, status }) => {
      const root = last.get(workflowId.split('/')[0] ?? '');
      if (
        status !== 'running' ||
        root === undefined ||
        root.workflowId === workflowId ||
        root.closedAtMs === null ||
        root.status === 'continued'
      )
        return [];
      const sinceMs = readAtMs - root.closedAtMs;
      return sinceMs <= TAKEN_ALONG_WITHIN_MS
        ? []
        : [{ what: `${workflowId} is open ${Math.round(sinceMs / 1000)} s after its run was ${root.status}.`, tape: [] }];
    });
  },
};
