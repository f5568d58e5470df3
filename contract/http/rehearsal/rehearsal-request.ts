// A wish to see what a run would do.

import { z } from 'zod';
import { files, json, name, parameters } from '../values.js';

const REHEARSAL_ANSWERS_MAX = 1_000;

export const rehearsalRequest = z
  .strictObject({
    version: name.optional().meta({ description: 'Left out: the newest published version.' }),
    parameters,
    files,
    assets: z
      .record(z.string(), name)
      .default({})
      .meta({ description: 'Item name or id by asset name; assets left out are chosen as for a run.' }),
    answers: z.array(json).max(REHEARSAL_ANSWERS_MAX).default([]).meta({
      description:
        'To the questions of the run, in order. Others are answered with yes, the first choice, the number nearest to 0, defaults.',
    }),
    isFull: z.boolean().default(true).meta({ description: 'With what each command changes on the deck.' }),
  })
  .meta({ id: 'RehearsalRequest', description: 'A wish to see what a run would do.' });
export type RehearsalRequestBody = z.output<typeof rehearsalRequest>;
