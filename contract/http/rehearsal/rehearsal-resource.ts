// The report of a rehearsal, as the API tells it.

import { z } from 'zod';
import { errorRecord, json, jsonObject } from '../values.js';

const command = z
  .object({
    id: z.string(),
    callPath: z.string(),
    machine: z.string(),
    method: z.string(),
    arguments: jsonObject,
    status: z.enum(['completed', 'failed']),
    atMs: z.number().meta({ description: 'From the beginning of the run.' }),
    expectedMs: z.number(),
    code: z.string().optional(),
    delta: jsonObject.optional().meta({ description: 'What it changes on the deck, by resource.' }),
  })
  .meta({ id: 'RehearsedCommand', description: 'One command as it would be given.' });

const call = z
  .object({
    path: z.string(),
    name: z.string(),
    kind: z.enum(['run', 'child', 'inline', 'activity']),
    status: z.enum(['running', 'completed', 'failed', 'cancelled']),
    startedMs: z.number(),
    endedMs: z.number().nullable(),
  })
  .meta({ id: 'RehearsedCall', description: 'One call; its path says which call made it.' });

const volume = z
  .object({
    labware: z.string(),
    item: z.string().optional(),
    drawnUl: z.number(),
    givenUl: z.number(),
    lowestUl: z.number(),
    highestUl: z.number(),
  })
  .meta({ id: 'VolumeUse', description: 'What went into and out of one container, and how full it was.' });

export const rehearsalReport = z
  .object({
    protocol: z.string(),
    version: z.string(),
    workcell: z.string(),
    isOk: z.boolean(),
    failure: errorRecord
      .extend({ command: command.optional(), place: z.object({ file: z.string(), line: z.int() }).optional() })
      .optional()
      .meta({ id: 'RehearsalFailure', description: 'Why a run would not complete, and the place in the protocol it comes to.' }),
    result: json,
    assets: z.record(z.string(), z.string()),
    counts: z.object({ commands: z.int(), failed: z.int(), calls: z.int(), questions: z.int() }),
    expectedMs: z.number().meta({ description: 'Of the whole run, where nobody keeps it waiting.' }),
    commands: z.array(command),
    calls: z.array(call),
    questions: z.array(z.object({ callPath: z.string(), kind: z.string(), text: z.string(), answer: json, isAssumed: z.boolean() })),
    notes: z.array(z.object({ callPath: z.string(), title: z.string(), text: z.string() })),
    data: z.array(z.object({ callPath: z.string(), name: z.string(), count: z.int() })),
    tips: z
      .array(z.object({ rack: z.string(), positions: z.array(z.string()) }))
      .meta({ description: 'Positions from which tips were taken.' }),
    volumes: z.array(volume),
    ledger: z
      .object({ entries: z.int(), entriesMax: z.int(), bytes: z.int(), bytesMax: z.int() })
      .meta({ description: 'The most that the run has to remember at once.' }),
    warnings: z.array(z.string()),
  })
  .meta({ id: 'RehearsalReport', description: 'What a run would do and need.' });
