// Tells people again of what waits for them, and more people of what waits too long. Looks at the rows of the inbox, so that
// days, restarts and workflows that continue as new make no difference.

import { startPokedLoop, type PokedLoop } from '../live/notified-loop.js';
import type { Logger } from '../http/logger.js';
import type { Database } from '../../db/connection/connect-database.js';
import { listWaiting, noteTold } from '../../db/inbox/reminder.queries.js';
import { findDue, type Reminding } from '../../domain/inbox/reminder.js';

const LOOK_INTERVAL_MS = 1_000;
const PORTION_ROWS = 200;

export function startRemindLoop({
  db,
  defaults,
  logger,
  now,
}: {
  db: Database;
  defaults: Reminding;
  logger: Logger;
  now: () => number;
}): PokedLoop {
  const remind = async (): Promise<void> => {
    let after = 0;
    for (;;) {
      const items = await listWaiting(db, PORTION_ROWS, after);
      for (const item of items) {
        const due = findDue(item, defaults, now());
        if (due.reminder !== undefined || due.isEscalation) await noteTold(db, item, due, now());
      }
      if (items.length < PORTION_ROWS) return;
      after = items.at(-1)?.ordinal ?? after;
    }
  };
  return startPokedLoop({
    intervalMs: LOOK_INTERVAL_MS,
    work: remind,
    onError: (error) => {
      logger.warn({ err: error }, 'the inbox could not be looked through for what waits too long');
    },
  });
}
