// I10: asking twice under one key is asking once.

import type { Invariant, Violation } from './evidence.js';
import { groupBy } from './trails.js';

export const idempotency: Invariant = {
  id: 'I10',
  says: 'One Idempotency-Key makes one run.',
  check({ observations, database }) {
    const starts = observations.flatMap((seen) =>
      seen.what === 'request' && seen.action === 'start' && seen.key !== undefined && seen.runId !== undefined
        ? [{ key: seen.key, runId: seen.runId }]
        : [],
    );
    const rows = groupBy(database.idempotencyKeys, ({ createdBy, key }) => `${createdBy} ${key}`);
    return [
      ...[...groupBy(starts, ({ key }) => key)].flatMap(([key, each]): Violation[] => {
        const runs = new Set(each.map(({ runId }) => runId));
        return runs.size === 1 ? [] : [{ what: `The key ${key} made runs ${[...runs].join(', ')}.`, tape: [] }];
      }),
      ...[...rows].flatMap(([key, each]): Violation[] =>
        each.length === 1 ? [] : [{ what: `The key ${key} stands ${each.length} times in Postgres.`, tape: [] }],
      ),
      ...starts.flatMap(({ key, runId }): Violation[] => {
        const kept = database.idempotencyKeys.find((row) => row.key === key);
        return kept?.runId === runId
          ? []
          : [{ what: `The key ${key} was answered with run ${runId}; Postgres keeps ${kept?.runId ?? 'none'}.`, tape: [] }];
      }),
    ];
  },
};
