// I15: a run that was promised is there, and ends.

import type { Invariant, Violation } from './evidence.js';

const ENDED = ['completed', 'failed', 'cancelled'];

export const everyRunEnds: Invariant = {
  id: 'I15',
  says: 'Every start that was answered with 201 is a run that ends.',
  check: ({ observations, database }) =>
    observations.flatMap((seen): readonly Violation[] => {
      if (seen.what !== 'request' || seen.action !== 'start' || seen.status !== 201) return [];
      const run = database.runs.find(({ id }) => id === seen.runId);
      if (run && ENDED.includes(run.status)) return [];
      return [{ what: `Run ${seen.runId} was promised and is ${run?.status ?? 'not there'}.`, tape: [] }];
    }),
};
