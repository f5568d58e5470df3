// I21: a database file has one server, whoever started it and whatever became of who did.

import path from 'node:path';
import type { Invariant } from './evidence.js';

export const oneServer: Invariant = {
  id: 'I21',
  says: 'No database file is served by two processes.',
  check: ({ observations }) =>
    observations.flatMap((seen) =>
      seen.what === 'servers' && seen.pids.length > 1
        ? [{ what: `${path.basename(seen.file)} was served by processes ${seen.pids.join(' and ')} at once.`, tape: [] }]
        : [],
    ),
};
