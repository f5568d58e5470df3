// The resources that the API returns, as zod schemas: what clients read, what the OpenAPI document says and what
// every response is parsed with. A key that is not declared here never leaves the API.

import { z } from 'zod';
import { PAUSE_REASONS } from '../../domain/control.js';
import { EVENT_TYPES } from '../../domain/event.js';
import { LABWARE_CATEGORIES } from '../../domain/machine.js';
import { PARAMETER_TYPES } from '../../domain/parameter.js';
import { RUN_STATUSES } from '../../domain/run.js';
import type { Json, JsonObject } from '../../domain/json.js';

// Any JSON: the database and the request parser have made sure of that before.
export const json = z.unknown() as z.ZodType<Json>;
export const jsonObject = z.record(z.string(), z.unknown()) as unknown as z.ZodType<JsonObject>;
export const instant = z.string().meta({ format: 'date-time', description: 'ISO 8601 in UTC' });
const runMode = z.enum(['simulation', 'hardware']);

export const errorRecord = z
  .object({ code: z.string(), message: z.string(), callPath: z.string().optional(), remedy: z.string().optional() })
  .meta({ id: 'ErrorRecord', description: 'Why a run, call or command did not complete.' });

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

export const run = z
  .object({
    id: z.string(),
    rev: z.int().meta({ description: 'Rises with each change of the run. Events that tell of it carry in data.run this revision with status, pauseReasons, openItems, startedAt and endedAt as they were then; one whose revision is not higher than yours is old.' }),
    protocol: z.string(),
    version: z.string(),
    bundle: z.string(),
    status: z.enum(RUN_STATUSES),
    mode: runMode,
    parameters: jsonObject,
    assets: z.record(z.string(), boundAsset),
    priority: z.int(),
    createdBy: z.string(),
    createdAt: instant,
    startedAt: instant.nullable(),
    endedAt: instant.nullable(),
    waitingFor: z.array(waitingFor).optional(),
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
    childCount: z.int().meta({ description: 'How many calls it made; where there are more than children, the rest is read with path and after.' }),
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
export type RunDatum = z.output<typeof runDatum>;

export const event = z
  .object({
    pos: z.int().meta({ description: 'Position in the lab; rises with every event.' }),
    seq: z.int().nullable().meta({ description: 'Position in the run, from 1.' }),
    type: z.enum(EVENT_TYPES),
    at: instant,
    runId: z.string().nullable(),
    callPath: z.string().optional(),
    data: jsonObject,
  })
  .meta({ id: 'Event', description: 'One thing that happened.' });

export const parameterSpec = z
  .object({
    type: z.enum(PARAMETER_TYPES),
    description: z.string().optional(),
    unit: z.string().optional(),
    default: json.optional(),
    isOptional: z.literal(true).optional().meta({ description: 'May be left out although it has no default.' }),
    min: z.number().optional(),
    max: z.number().optional(),
    pattern: z.string().optional(),
    choices: z.array(z.string()).optional(),
    positions: z.int().optional().meta({ description: 'Wells only: number of wells of the plate.' }),
    get of() {
      return parameterSpec.optional();
    },
    get fields() {
      return z.record(z.string(), parameterSpec).optional();
    },
  })
  .meta({ id: 'ParameterSpec', description: 'What a protocol demands of one parameter.' });

export const assetSpec = z
  .object({
    kind: z.enum(['machine', 'labware']),
    type: z.string(),
    positions: z.int().optional(),
    hold: z.literal('perUse').optional().meta({ description: 'Shared between runs: held only inside sections.' }),
    description: z.string().optional(),
  })
  .meta({ id: 'AssetSpec', description: 'What a protocol demands of one asset.' });

export const protocol = z
  .object({
    id: z.string(),
    name: z.string(),
    version: z.string(),
    description: z.string(),
    isTopLevel: z.boolean().meta({ description: 'Only a top-level protocol can be started as a run.' }),
    kind: z.enum(['child', 'inline', 'activity']),
    parameters: z.record(z.string(), parameterSpec),
    assets: z.record(z.string(), assetSpec),
    recovery: z.record(z.string(), json).optional().meta({ description: 'What becomes of commands that fail, by error code.' }),
    bundle: z.string(),
    file: z.string(),
    line: z.int(),
    publishedAt: instant,
  })
  .meta({ id: 'Protocol', description: 'A published version of a protocol function.' });

const assetStatus = z.enum(['available', 'in-use', 'quarantined']);

export const machine = z
  .object({
    id: z.string(),
    rev: z.int().meta({ description: 'Rises with each change; data.asset of quarantine events carries it with quarantineReason.' }),
    name: z.string(),
    type: z.string().meta({ description: 'PyLabRobot front end' }),
    backend: z.string(),
    mode: runMode,
    workcell: z.string(),
    status: assetStatus,
    statusReason: z.string().nullable(),
    heldByRunId: z.string().nullable(),
  })
  .meta({ id: 'Machine', description: 'A machine of a workcell.' });
export type Machine = z.output<typeof machine>;

export const checkedCommand = z
  .object({
    machine: z.string(),
    method: z.string(),
    arguments: jsonObject,
    named: jsonObject.meta({ description: "The SDK's name of each argument, which tells its unit." }),
    summary: z.string(),
    doc: z.string(),
    retryClass: z.enum(['read-only', 'set-state', 'costly', 'non-idempotent']).meta({ description: 'read-only: nothing moves.' }),
    expectedMs: z.number(),
    longestMs: z.number().meta({ description: 'Then its outcome is in doubt.' }),
  })
  .meta({ id: 'CheckedCommand', description: 'A command by hand as it would be sent.' });
export type CheckedCommand = z.output<typeof checkedCommand>;

export const workcellStop = z
  .object({
    workcell: z.string(),
    isStopped: z.boolean(),
    rev: z.int().meta({ description: 'Rises with every stop and release; a release names the stop that it lifts.' }),
    by: z.string(),
    reason: z.string(),
    atMs: z.number().nullable(),
  })
  .meta({ id: 'WorkcellStop', description: 'Whether everything in a workcell is stopped.' });
export type WorkcellStop = z.output<typeof workcellStop>;
export const workcellJournal = z
  .object({
    workcell: z.string(),
    journalId: z.string().nullable().meta({ description: 'Of the journal that it works with; null before its first bridge.' }),
    lost: z
      .object({
        because: z.string(),
        foundAt: instant,
        gap: z
          .object({ since: instant.nullable().meta({ description: 'Of the newest row that was shipped; null where none was.' }), runs: z.array(z.string()) })
          .nullable()
          .meta({ description: 'Commands of these runs that began since then, and had ended before the loss, stand in no list. Null where the journal misses nothing.' }),
      })
      .nullable()
      .meta({ description: 'Why nothing moves until a person has accepted the journal.' }),
  })
  .meta({ id: 'WorkcellJournal', description: 'The journal of the bridge of a workcell.' });
export type WorkcellJournal = z.output<typeof workcellJournal>;

const carrierSite = z.object({ carrier: z.string(), site: z.int() });
const machineSite = z.object({ machine: z.string(), site: z.int().optional() });

export const labware = z
  .object({
    id: z.string(),
    name: z.string(),
    category: z.enum(LABWARE_CATEGORIES),
    type: z.string().meta({ description: 'PyLabRobot catalogue name' }),
    positions: z.int().nullable(),
    workcell: z.string(),
    location: z
      .union([carrierSite, machineSite, z.object({ gripper: z.string() }), z.object({ on: z.string() })])
      .meta({ description: 'Where it is now.' }),
    home: z.union([carrierSite, machineSite]).meta({ description: "Where the workcell's description puts it." }),
    autoReplace: z.boolean(),
    status: assetStatus,
    heldByRunId: z.string().nullable(),
  })
  .meta({ id: 'Labware', description: 'A labware item of a workcell.' });
export type Labware = z.output<typeof labware>;

export const reservation = z
  .object({
    assetId: z.string(),
    asset: z.string(),
    kind: z.enum(['machine', 'labware']),
    workcell: z.string(),
    runId: z.string(),
    protocol: z.string(),
    fence: z.int(),
    grantedAt: instant,
  })
  .meta({ id: 'Reservation', description: 'An asset that a run holds.' });
export type Reservation = z.output<typeof reservation>;

export const problem = z
  .object({
    type: z.string(),
    title: z.string(),
    status: z.int(),
    code: z.string(),
    detail: z.string(),
    field: z.string().optional(),
    remedy: z.string().optional(),
    problems: z.array(z.object({ code: z.string(), detail: z.string(), field: z.string().optional() })).optional(),
  })
  .meta({ id: 'Problem', description: 'RFC 9457 problem document: what is wrong, where, and what to do.' });

export const health = z
  .object({ status: z.literal('ok'), version: z.string(), database: z.literal('ok'), temporal: z.enum(['ok', 'unavailable']) })
  .meta({ id: 'Health', description: 'Whether the API can serve.' });
