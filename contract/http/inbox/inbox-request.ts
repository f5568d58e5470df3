// What is asked of the inbox.

import { z } from 'zod';
import { json, note, pageQuery } from '../values.js';
import { INBOX_STATUSES } from '../../words/inbox.js';

export const itemParams = z.strictObject({
  id: z.string().max(1_000).meta({ description: 'Item id as one path segment, each slash as %2F' }),
});
export const answerRequest = z
  .strictObject({
    answer: json.refine((value) => value !== undefined, 'is required').meta({ description: 'What the item asks for.' }),
    note: note('What else should be on record.'),
  })
  .meta({ id: 'AnswerRequest', description: 'The answer of a person to an inbox item.' });
export const inboxQuery = z.strictObject({
  ...pageQuery,
  status: z.enum(INBOX_STATUSES).optional(),
  runId: z.string().max(200).optional(),
});
