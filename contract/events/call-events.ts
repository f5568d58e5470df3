// What happens to calls, and to the commands that they give.

import { z } from 'zod';
import { errorRecord, json, jsonObject } from '../http/values.js';

const called = {
  name: z.string().optional(),
  version: z.string().optional(),
  kind: z.enum(['run', 'child', 'inline', 'activity']).optional(),
  arguments: jsonObject.optional().meta({ description: 'Left out where they are large.' }),
  childWorkflowId: z.string().optional(),
};
const callEnded = z.object({
  ...called,
  workflowId: z.string().optional().meta({ description: 'Left out where the end of the run ended it.' }),
  n: z.int().optional(),
  startedAtMs: z.number().optional().meta({ description: 'Of a call that ended before anybody was told of its start.' }),
  result: json.optional(),
  error: errorRecord.optional(),
  because: z.string().optional(),
});

/** A row of the journal tells of it. */
const row = z.int();
const ofCommand = { id: z.string(), machine: z.string(), method: z.string(), row };
const asked = { ...ofCommand, arguments: jsonObject, n: z.int(), retry: z.int() };
const commandEnded = z.object({
  ...asked,
  beganAtMs: z.number().nullable(),
  endedAtMs: z.number(),
  sends: z.int(),
  error: json.meta({ description: 'Null where there was none.' }),
});

export const CALL_EVENTS = {
  'call.started': z.object({ ...called, workflowId: z.string(), n: z.int() }),
  'call.completed': callEnded,
  'call.failed': callEnded,
  'call.cancelled': callEnded,
  'command.began': z.object(asked),
  'command.completed': commandEnded,
  'command.failed': commandEnded,
  'command.stopped': commandEnded,
  'command.uncertain': commandEnded,
  'command.late': z.object({ ...ofCommand, outcome: json }),
  'command.resolved': z.object({ ...ofCommand, happened: z.enum(['done', 'not-done', 'partly']), by: z.string(), note: z.string() }),
};
