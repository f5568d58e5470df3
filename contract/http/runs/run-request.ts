// What is asked of runs. An undeclared key is refused, not ignored, because a misspelt parameter that is dropped silently would move a
// robot with a default.

import { z } from 'zod';
import { files, integerText, name, pageQuery, parameters, reason } from '../values.js';
import { RUN_STATUSES } from '../../words/runs.js';

/** Calls in one answer of a call tree: what the API reads and writes in a few tens of milliseconds. */
const TREE_LIMIT_MAX = 5_000;
const TREE_LIMIT_DEFAULT = 1_000;
export const PRIORITY_MAX = 100;
export const TIME_SCALE_MAX = 100_000;

export const startRequest = z
  .strictObject({
    protocol: name.meta({ description: 'Name of a top-level protocol.' }),
    version: name.optional().meta({ description: 'Left out: the newest published version.' }),
    parameters,
    files,
    assets: z.record(z.string(), name).default({}).meta({
      description: 'Item name or id by asset name; assets left out are chosen by the lab.',
    }),
    priority: z.int().min(-PRIORITY_MAX).max(PRIORITY_MAX).default(0).meta({ description: 'Higher goes first.' }),
    timeScale: z.number().min(1).max(TIME_SCALE_MAX).default(1).meta({
      description: 'Simulated runs only: delays and intervals are this many times shorter.',
    }),
  })
  .meta({ id: 'StartRequest', description: 'A wish to run a protocol.' });
export type StartRequest = z.output<typeof startRequest>;

export const startHeaders = z.object({
  'idempotency-key': z
    .string()
    .regex(/^[\x21-\x7e]{1,200}$/u, 'must be 1 to 200 printable ASCII characters without spaces')
    .optional()
    .meta({ description: 'The same key with the same request returns the same run, however often it is sent.' }),
});

// Not a format check: an id of any other form names no run, and the answer to that is 404.
export const runParams = z.strictObject({ id: z.string().max(200).meta({ description: 'Run id' }) });
export const controlRequest = z
  .strictObject({ reason })
  .meta({ id: 'ControlRequest', description: 'A wish to pause, resume or cancel a run.' });
export const continueRequest = z
  .strictObject({
    from: z
      .string()
      .min(1)
      .max(1_000)
      .meta({ description: 'Path of the call that is done again first; what was done before it is taken over.' }),
    isDeckConfirmed: z
      .boolean()
      .default(false)
      .meta({ description: 'A person has looked: the deck is as it was when that call began, and nothing is held.' }),
    assets: z.record(z.string(), name).default({}).meta({ description: 'Items that take the place of those of the run.' }),
    reason,
  })
  .meta({ id: 'ContinueRequest', description: 'A wish to go on where a failed or cancelled run left off.' });
export type ContinueRequest = z.output<typeof continueRequest>;
export const runsQuery = z.strictObject({
  ...pageQuery,
  status: z.enum(RUN_STATUSES).optional(),
  protocol: name.optional(),
  count: z.literal('true').optional().meta({ description: 'Tells in total how many runs fit, on any page.' }),
  mine: z.literal('true').optional().meta({ description: 'Only runs that whoever asks has started.' }),
  since: z.iso.datetime({ offset: true }).optional().meta({ description: 'Only runs that were created at this instant or later.' }),
  underRunId: z.string().max(200).optional().meta({ description: 'Only commands by hand that this run was given while it waited.' }),
});
export const callsQuery = z.strictObject({
  path: z.string().optional().meta({ description: 'Path of the call to begin with; left out: the root.' }),
  after: integerText({ min: 0, max: Number.MAX_SAFE_INTEGER, otherwise: 0 }).meta({
    description: 'So many children of that call are passed over.',
  }),
  limit: integerText({ min: 1, max: TREE_LIMIT_MAX, otherwise: TREE_LIMIT_DEFAULT }).meta({ description: 'Calls in the answer.' }),
});
