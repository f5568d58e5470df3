// What an event says of the row that it tells of, as the row was then. The database adds it where the event is written; whoever applies an
// event sees by the revision whether it is news.

import { z } from 'zod';
import { instant } from '../http/values.js';
import { INBOX_STATUSES } from '../words/inbox.js';
import { PAUSE_REASONS, RUN_STATUSES } from '../words/runs.js';

const rev = z.int();

export const ofRun = {
  run: z
    .object({
      rev,
      status: z.enum(RUN_STATUSES),
      pauseReasons: z.array(z.enum(PAUSE_REASONS)),
      openItems: z.int(),
      startedAt: instant.nullable(),
      endedAt: instant.nullable(),
    })
    .optional(),
};

export const ofItem = {
  item: z
    .object({
      rev,
      status: z.enum(INBOX_STATUSES),
      reminders: z.int().nullable(),
      escalatedAt: instant.nullable(),
      endedAt: instant.nullable(),
    })
    .optional(),
};

export const ofMachine = { asset: z.object({ rev, quarantineReason: z.string().nullable() }).optional() };

/** Names of the three: no writer gives them. */
export type ToldRow = 'run' | 'item' | 'asset';
