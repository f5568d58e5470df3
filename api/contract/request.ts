// What the API takes: bodies, queries and headers as strict zod schemas. An undeclared key is refused, not ignored,
// because a misspelt parameter that is dropped silently would move a robot with a default.

import { z } from 'zod';
import { INBOX_STATUSES } from '../../domain/inbox/inbox.js';
import { RUN_STATUSES } from '../../domain/runs/run.js';
import type { Json } from '../../domain/json/json.js';

export const PAGE_LIMIT_MAX = 200;
export const PAGE_LIMIT_DEFAULT = 50;
/** Calls in one answer of a call tree: what the API reads and writes in a few tens of milliseconds. */
const TREE_LIMIT_MAX = 5_000;
const TREE_LIMIT_DEFAULT = 1_000;
/** Longest wait of one long poll for events. */
export const EVENT_WAIT_MAX_MS = 30_000;
export const PRIORITY_MAX = 100;
/** As the bridge takes it. */
export const SITE_MAX = 1_000;
export const TIME_SCALE_MAX = 100_000;
const REHEARSAL_ANSWERS_MAX = 1_000;

const json = z.unknown() as z.ZodType<Json>;
const name = z.string().min(1).max(200);

export const startRequest = z
  .strictObject({
    protocol: name.meta({ description: 'Name of a top-level protocol.' }),
    version: name.optional().meta({ description: 'Left out: the newest published version.' }),
    parameters: z.record(z.string(), json).default({}).meta({ description: 'Values by parameter name.' }),
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
const reason = z.string().trim().max(1_000).default('').meta({ description: 'Why, for the record.' });
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
    isDeckConfirmed: z.boolean().default(false).meta({ description: 'A person has looked: the deck is as the run left it at that call.' }),
    assets: z.record(z.string(), name).default({}).meta({ description: 'Items that take the place of those of the run.' }),
    reason,
  })
  .meta({ id: 'ContinueRequest', description: 'A wish to go on where a failed or cancelled run left off.' });
export type ContinueRequest = z.output<typeof continueRequest>;
export const itemParams = z.strictObject({
  id: z.string().max(1_000).meta({ description: 'Item id as one path segment, each slash as %2F' }),
});
export const answerRequest = z
  .strictObject({
    answer: json.refine((value) => value !== undefined, 'is required').meta({ description: 'What the item asks for.' }),
    note: z.string().trim().max(1_000).default('').meta({ description: 'What else should be on record.' }),
  })
  .meta({ id: 'AnswerRequest', description: 'The answer of a person to an inbox item.' });
export const liveHeaders = z.object({
  'last-event-id': positionText().optional().meta({ description: 'id of the last message seen; goes before the query.' }),
});
export const rehearsalRequest = z
  .strictObject({
    version: name.optional().meta({ description: 'Left out: the newest published version.' }),
    parameters: z.record(z.string(), json).default({}).meta({ description: 'Values by parameter name.' }),
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

export const machineParams = z.strictObject({ name: z.string().max(200).meta({ description: 'Machine name or id' }) });
export const labwareParams = z.strictObject({ name: z.string().max(200).meta({ description: 'Labware name or id' }) });
export const releaseRequest = z
  .strictObject({ note: z.string().trim().min(1).max(1_000).meta({ description: 'What you saw when you looked at the machine.' }) })
  .meta({ id: 'ReleaseRequest', description: 'A person has looked at a quarantined machine and gives it free.' });
const site = z.int().min(0).max(SITE_MAX);
export const placeRequest = z
  .strictObject({
    location: z.union([z.strictObject({ carrier: name, site }), z.strictObject({ machine: name, site: site.exactOptional() })]).meta({
      description: 'A site of a carrier, from 0; or a machine, with its site where it has several.',
    }),
    note: z.string().trim().max(1_000).default('').meta({ description: 'Why, for the record.' }),
  })
  .meta({ id: 'PlaceRequest', description: 'A person has put an item somewhere.' });
export const connectRequest = z
  .strictObject({
    note: z.string().trim().max(1_000).default('').meta({ description: 'What you saw before: nothing is in the way of its axes.' }),
  })
  .meta({ id: 'ConnectRequest', description: 'A person stands at the machine and has it connected.' });
export const commandRequest = z
  .strictObject({
    method: name.meta({ description: 'A command of the machine, in words of PyLabRobot or of the SDK.' }),
    arguments: z.record(z.string(), json).default({}).meta({
      description: 'By name, in words of either; labware as plate_1 or plate_1:A1, or as {"$ref"}, {"$item"}, {"$site"}.',
    }),
    runId: z.string().max(200).optional().meta({ description: 'Run that waits for a person and holds the machine.' }),
    reason,
  })
  .meta({ id: 'CommandRequest', description: 'A command that a person gives to a machine by hand.' });
export type CommandRequest = z.output<typeof commandRequest>;
export const abortRequest = z
  .strictObject({ note: z.string().trim().max(1_000).default('').meta({ description: 'Why, for the record.' }) })
  .meta({ id: 'AbortRequest', description: 'A person ends what a machine does.' });
export const workcellParams = z.strictObject({ workcell: name.meta({ description: 'Workcell name' }) });
const stopReason = z.string().trim().max(1_000).default('').meta({ description: 'Why, for the record.' });
export const stopRequest = z
  .strictObject({ reason: stopReason })
  .meta({ id: 'StopRequest', description: 'A person stops everything in a workcell.' });
export const stopReleaseRequest = z
  .strictObject({
    rev: z.int().min(1).meta({ description: 'Of the stop that the person has seen; a later one is not lifted.' }),
    reason: stopReason,
  })
  .meta({ id: 'StopReleaseRequest', description: 'A person has looked and lets the workcell go on.' });
export const acceptJournalRequest = z
  .strictObject({ note: z.string().trim().max(1_000).default('').meta({ description: 'What the person has seen, for the record.' }) })
  .meta({ id: 'AcceptJournalRequest', description: 'A person has looked at the machines of a workcell whose journal was lost.' });
export const protocolParams = z.strictObject({ name: z.string().max(200).meta({ description: 'Protocol name' }) });

const pageQuery = {
  limit: integerText({ min: 1, max: PAGE_LIMIT_MAX, otherwise: PAGE_LIMIT_DEFAULT }),
  cursor: z.string().min(1).max(500).optional().meta({ description: 'nextCursor of the page before' }),
};

export const noQuery = z.strictObject({});
export const listQuery = z.strictObject(pageQuery);
export const runsQuery = z.strictObject({
  ...pageQuery,
  status: z.enum(RUN_STATUSES).optional(),
  protocol: name.optional(),
  underRunId: z.string().max(200).optional().meta({ description: 'Only commands by hand that this run was given while it waited.' }),
});
export const protocolQuery = z.strictObject({ version: name.optional() });
export const inboxQuery = z.strictObject({
  ...pageQuery,
  status: z.enum(INBOX_STATUSES).optional(),
  runId: z.string().max(200).optional(),
});
export const callsQuery = z.strictObject({
  path: z.string().optional().meta({ description: 'Path of the call to begin with; left out: the root.' }),
  after: integerText({ min: 0, max: Number.MAX_SAFE_INTEGER, otherwise: 0 }).meta({
    description: 'So many children of that call are passed over.',
  }),
  limit: integerText({ min: 1, max: TREE_LIMIT_MAX, otherwise: TREE_LIMIT_DEFAULT }).meta({ description: 'Calls in the answer.' }),
});
export const liveQuery = z.strictObject({
  runId: z.string().max(200).optional().meta({ description: 'Only events of this run.' }),
  after: positionText().optional().meta({ description: 'Position after which to begin; 0 is the beginning. Left out: now.' }),
});
export const eventsQuery = z.strictObject({
  limit: pageQuery.limit,
  after: integerText({ min: 0, max: Number.MAX_SAFE_INTEGER, otherwise: 0 }).meta({
    description: 'pos of the last event already seen',
  }),
  waitMs: integerText({ min: 0, max: EVENT_WAIT_MAX_MS, otherwise: 0 }).meta({
    description: 'How long to wait for the first event where there is none yet.',
  }),
});

/** An integer as query text. Number() alone would take '', '1e2' and ' 7 '. */
function integerText({ min, max, otherwise }: { min: number; max: number; otherwise: number }) {
  return z
    .string()
    .regex(/^-?\d{1,16}$/u, 'must be an integer')
    .transform(Number)
    .pipe(z.int().min(min).max(max))
    .default(otherwise)
    .meta({ type: 'integer', minimum: min, maximum: max, default: otherwise });
}

/** A position in history as text. */
function positionText() {
  return z
    .string()
    .regex(/^\d{1,15}$/u, 'must be a position')
    .transform(Number)
    .meta({ type: 'integer', minimum: 0 });
}
