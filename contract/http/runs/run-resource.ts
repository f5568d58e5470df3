// A run and what is read of it: its calls, commands, state and measurements.

import { z } from 'zod';
import type { Told } from '../route.js';
import { errorRecord, instant, json, jsonObject, runMode } from '../values.js';
import { COUNTED_RUNS_MAX, PAUSE_REASONS, RUN_STATUSES } from '../../words/runs.js';

export const boundAsset = z
  .object({ id: z.string(), name: z.string(), kind: z.enum(['machine', 'labware']), type: z.string() })
  .meta({ id: 'BoundAsset', description: 'The item that stands behind a name the protocol declares.' });

export const waitingFor = z
  .object({
    asset: z.string(),
    heldByRunId: z.string(),
    heldByProtocol: z.string(),
    reason: z.enum(['held', 'wanted-earlier', 'quarantined']),
  })
  .meta({ id: 'WaitingFor', description: 'Why a queued run does not start yet.' });

export const runTotal = z
  .int()
  .meta({ description: `Where count=true asks for it: how many there are, counted up to ${COUNTED_RUNS_MAX}.` });

export const run = z
  .object({
    id: z.string(),
    rev: z.int().meta({
      description:
        'Rises with each change of the run. Events that tell of it carry in data.run this revision with status, pauseReasons, openItems, startedAt and endedAt as they were then; one whose revision is not higher than yours is old.',
    }),
    protocol: z.string(),
    version: z.string(),
    bundle: z.string(),
    status: z.enum(RUN_STATUSES),
    mode: runMode,
    parameters: jsonObject,
    isShortened: z.literal(true).optional().meta({
      description: 'In a list: what is large in parameters and result is told by its number of bytes; GET /runs/{id} has all of it.',
    }),
    assets: z.record(z.string(), boundAsset),
    priority: z.int(),
    createdBy: z.string(),
    createdAt: instant,
    startedAt: instant.nullable(),
    endedAt: instant.nullable(),
    waitingFor: z.array(waitingFor).optional(),
    openAssets: z
      .array(z.string())
      .optional()
      .meta({ description: 'Of a run that waits for its assets: those that nobody has named, which become what fits and is free first.' }),
    pauseReasons: z.array(z.enum(PAUSE_REASONS)).meta({ description: 'Why no new command begins.' }),
    openItems: z.int().meta({ description: 'Inbox items that wait for a person.' }),
    openAlarms: z.int().meta({ description: 'Alarms of the run, or of its workcell while it is open, that nobody has acknowledged.' }),
    timeScale: z.number().meta({ description: 'Simulated runs: delays are this many times shorter.' }),
    continuesRunId: z.string().optional(),
    underRunId: z.string().optional().meta({ description: 'The waiting run whose machine this command by hand uses.' }),
    result: json.optional(),
    error: errorRecord.optional(),
    counts: z.object({
      calls: z.int(),
      commands: z.object({ completed: z.int(), failed: z.int(), uncertain: z.int() }),
    }),
  })
  .meta({ id: 'Run', description: 'One execution of a protocol.' });

export const call = z
  .object({
    path: z.string(),
    name: z.string(),
    version: z.string(),
    kind: z.enum(['run', 'child', 'inline', 'activity']),
    status: z.enum(['running', 'completed', 'failed', 'cancelled']),
    arguments: jsonObject,
    workflowId: z.string().optional().meta({ description: 'Temporal workflow of a call of kind child.' }),
    result: json.optional(),
    startedAt: instant,
    endedAt: instant.nullable(),
    error: errorRecord.optional(),
    childCount: z
      .int()
      .meta({ description: 'How many calls it made; where there are more than children, the rest is read with path and after.' }),
    get children() {
      return z.array(call);
    },
  })
  .meta({ id: 'Call', description: 'One tracked execution of a protocol function, with the calls it made.' });

export const command = z
  .object({
    id: z.string().meta({ description: 'runId/callPath/n/retry' }),
    callPath: z.string(),
    machine: z.string(),
    method: z.string(),
    arguments: jsonObject,
    status: z.enum(['issued', 'running', 'completed', 'failed', 'stopped', 'uncertain', 'resolved']),
    retry: z.int(),
    beganAt: instant.nullable(),
    endedAt: instant.nullable(),
    result: json.optional(),
    error: errorRecord.optional(),
    resolution: z
      .object({ happened: z.enum(['done', 'not-done', 'partly']), by: z.string(), note: z.string(), at: instant })
      .optional()
      .meta({ description: 'Status resolved: what a person said of it.' }),
  })
  .meta({ id: 'Command', description: 'One command to a machine.' });

export const runState = jsonObject.meta({ id: 'RunState', description: 'Values that a run keeps, by key.' });

export const runDatum = z
  .object({
    name: z.string(),
    callPath: z.string(),
    at: instant,
    value: json,
    commandId: z.string().optional().meta({ description: 'The command whose result the value is.' }),
  })
  .meta({ id: 'RunDatum', description: 'A measurement that a run kept.' });
export type RunDatum = Told<typeof runDatum>;
