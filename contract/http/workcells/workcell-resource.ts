// What holds for a workcell as a whole: whether everything in it is stopped, and its journal.

import { z } from 'zod';
import type { Told } from '../route.js';
import { instant } from '../values.js';

export const workcellStop = z
  .object({
    workcell: z.string(),
    isStopped: z.boolean(),
    rev: z.int().meta({ description: 'Rises with every stop and release; a release names the stop that it lifts.' }),
    by: z.string(),
    reason: z.string(),
    atMs: z.number().nullable(),
  })
  .meta({ id: 'WorkcellStop', description: 'Whether everything in a workcell is stopped.' });
export type WorkcellStop = Told<typeof workcellStop>;
export const workcellJournal = z
  .object({
    workcell: z.string(),
    journalId: z.string().nullable().meta({ description: 'Of the journal that it works with; null before its first bridge.' }),
    lost: z
      .object({
        because: z.string(),
        foundAt: instant,
        gap: z
          .object({
            since: instant.nullable().meta({ description: 'Of the newest row that was shipped; null where none was.' }),
            runs: z.array(z.string()),
          })
          .nullable()
          .meta({
            description:
              'Commands of these runs that began since then, and had ended before the loss, stand in no list. Null where the journal misses nothing.',
          }),
      })
      .nullable()
      .meta({ description: 'Why nothing moves until a person has accepted the journal.' }),
  })
  .meta({ id: 'WorkcellJournal', description: 'The journal of the bridge of a workcell.' });
export type WorkcellJournal = Told<typeof workcellJournal>;
