// What is asked of a workcell as a whole.

import { z } from 'zod';
import { name, note, reason } from '../values.js';

export const workcellParams = z.strictObject({ workcell: name.meta({ description: 'Workcell name' }) });
export const stopRequest = z.strictObject({ reason }).meta({ id: 'StopRequest', description: 'A person stops everything in a workcell.' });
export const stopReleaseRequest = z
  .strictObject({
    rev: z.int().min(1).meta({ description: 'Of the stop that the person has seen; a later one is not lifted.' }),
    reason,
  })
  .meta({ id: 'StopReleaseRequest', description: 'A person has looked and lets the workcell go on.' });
export const acceptJournalRequest = z
  .strictObject({ note: note('What the person has seen, for the record.') })
  .meta({ id: 'AcceptJournalRequest', description: 'A person has looked at the machines of a workcell whose journal was lost.' });
