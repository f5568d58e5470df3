// The resource of the inbox: a question of a protocol, a command of which nobody knows whether it moved,
// or a machine that wants to be looked at.

import { z } from 'zod';
import { INBOX_STATUSES, QUESTION_KINDS } from '../../domain/inbox.js';
import { instant, json, jsonObject } from './resource.js';

const question = z
  .object({
    kind: z.enum(QUESTION_KINDS),
    text: z.string(),
    choices: z.array(z.string()).optional(),
    unit: z.string().optional(),
    min: z.number().optional(),
    max: z.number().optional(),
    details: json.optional(),
  })
  .meta({ id: 'Question', description: 'What a protocol asks. Answer: true or false, one of the choices, a number, a text.' });

const uncertainCommand = z
  .object({
    kind: z.literal('uncertain-command'),
    text: z.string(),
    commandId: z.string(),
    machine: z.string(),
    method: z.string(),
    arguments: jsonObject,
    known: z.string().meta({ description: 'How far the command came, as far as the bridge knows.' }),
  })
  .meta({
    id: 'UncertainCommand',
    description:
      'A command whose outcome nobody knows. Answer: { happened: done | not-done | partly, then: retry | skip | abort, corrections?: facts about the deck, result? }.',
  });

const machineError = z
  .object({
    kind: z.literal('machine-error'),
    text: z.string(),
    commandId: z.string(),
    machine: z.string(),
    method: z.string(),
    arguments: jsonObject,
    code: z.string(),
    known: z.string().meta({ description: 'What the machine said.' }),
    channels: jsonObject.optional().meta({ description: 'What each channel did.' }),
    mayRetry: z.boolean().meta({ description: 'False where some of it was done: a retry needs corrections then.' }),
  })
  .meta({
    id: 'MachineError',
    description: 'A command that failed with a known outcome. Answer: { then: retry | skip | abort, corrections?: facts about the deck, result? }.',
  });

const heldMachine = z
  .object({ kind: z.literal('held-machine'), text: z.string(), commandId: z.string(), machine: z.string(), known: z.string() })
  .meta({
    id: 'HeldMachine',
    description: 'A machine at which somebody has to look before the command begins. Answer: true gives it free and the run goes on, false lets the command fail.',
  });

export const inboxItem = z
  .object({
    id: z.string().meta({ description: 'Holds slashes; in a path it is one segment with each slash as %2F.' }),
    runId: z.string(),
    protocol: z.string(),
    callPath: z.string(),
    status: z.enum(INBOX_STATUSES),
    subject: z.discriminatedUnion('kind', [question, uncertainCommand, machineError, heldMachine]),
    createdAt: instant,
    answer: json.optional(),
    answeredBy: z.string().optional(),
    answeredAt: instant.optional(),
    note: z.string().optional(),
  })
  .meta({ id: 'InboxItem', description: 'Something that waits for a person, or waited.' });
