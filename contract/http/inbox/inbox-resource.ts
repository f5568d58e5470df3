// The resource of the inbox: a question of a protocol, a command of which nobody knows whether it moved,
// or a machine that wants to be looked at.

import { z } from 'zod';
import { parameterSpec } from '../protocols/protocol-resource.js';
import { instant, json, jsonObject } from '../values.js';
import { ALARM_CAUSES, INBOX_STATUSES, QUESTION_KINDS } from '../../words/inbox.js';

const question = z
  .object({
    kind: z.enum(QUESTION_KINDS),
    text: z.string(),
    choices: z.array(z.string()).optional(),
    unit: z.string().optional(),
    min: z.number().optional(),
    max: z.number().optional(),
    fields: z.record(z.string(), parameterSpec).optional().meta({ description: 'Of a form.' }),
    labware: z.array(z.string()).optional().meta({ description: 'Items that a person is to carry (manual-move) or to replace (refill).' }),
    to: z
      .union([z.object({ carrier: z.string(), site: z.int() }), z.object({ machine: z.string(), site: z.int().optional() })])
      .optional()
      .meta({ description: 'Where to.' }),
    picture: z.string().optional().meta({ description: 'A file beside the protocol, or an https address. Not fetched by the API.' }),
    details: json.optional(),
    remindAfterMs: z.number().optional(),
    escalateAfterMs: z.number().optional(),
    timeout: z
      .object({ afterMs: z.number(), answer: json.optional() })
      .optional()
      .meta({ description: 'The answer that holds when nobody has given one by then.' }),
  })
  .meta({
    id: 'Question',
    description:
      'What a protocol asks. Answer: true or false, one of the choices, a number, a text, an object with the fields of a form. Of work by hand (manual-move, refill) true is made true in the lab before it counts, or refused.',
  });

const brokenWindow = z
  .object({ kind: z.literal('time-window'), text: z.string(), window: z.string(), maxMs: z.number(), startedAt: instant })
  .meta({
    id: 'BrokenWindow',
    description: 'Work that took longer than it may. No command begins before the answer: go-on, or abort, which cancels the run.',
  });

const alarm = z
  .object({
    kind: z.literal('alarm'),
    text: z.string(),
    cause: z.enum(ALARM_CAUSES),
    workcell: z.string(),
    machine: z.string().optional(),
    commandId: z.string().optional(),
  })
  .meta({
    id: 'Alarm',
    description:
      'Something is not as it should be. It holds nothing; true acknowledges it. endedAt of the item says that its cause is over.',
  });

const uncertainCommand = z
  .object({
    kind: z.literal('uncertain-command'),
    text: z.string(),
    commandId: z.string(),
    machine: z.string(),
    method: z.string(),
    arguments: jsonObject,
    known: z.string().meta({ description: 'How far the command came, as far as the bridge knows.' }),
    facts: jsonObject
      .optional()
      .meta({ description: 'asked, sent, sensors, likely (per channel, well, tip spot and place: before, and if it was done), late.' }),
  })
  .meta({
    id: 'UncertainCommand',
    description:
      'A command whose outcome nobody knows. Answer: { happened: done | not-done | partly, then: retry | skip | abort, channels?: [{ channel, happened: done | not-done }] for partly, corrections?: facts about the deck, result? }.',
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
    description:
      'A command that failed with a known outcome. Answer: { then: retry | skip | abort, corrections?: facts about the deck, result? }.',
  });

const heldMachine = z
  .object({ kind: z.literal('held-machine'), text: z.string(), commandId: z.string(), machine: z.string(), known: z.string() })
  .meta({
    id: 'HeldMachine',
    description:
      'A machine at which somebody has to look before the command begins. Answer: true gives it free and the run goes on, false lets the command fail.',
  });

export const inboxItem = z
  .object({
    id: z.string().meta({ description: 'Holds slashes; in a path it is one segment with each slash as %2F.' }),
    rev: z.int().meta({
      description:
        'Rises with each change. Events of the item carry it in data.item with status, reminders, escalatedAt and endedAt as they were then.',
    }),
    runId: z.string().nullable().meta({ description: 'Null for an alarm that is about no run alone.' }),
    protocol: z.string().nullable(),
    callPath: z.string(),
    status: z.enum(INBOX_STATUSES),
    subject: z.discriminatedUnion('kind', [question, uncertainCommand, machineError, heldMachine, brokenWindow, alarm]),
    createdAt: instant,
    answer: json.optional(),
    answeredBy: z.string().optional(),
    answeredAt: instant.optional(),
    note: z.string().optional(),
    endedAt: instant.optional().meta({ description: 'Of an alarm: its cause is over.' }),
    reminders: z.int().optional().meta({ description: 'How often people were told again.' }),
    escalatedAt: instant.optional(),
  })
  .meta({ id: 'InboxItem', description: 'Something that waits for a person, or waited.' });
