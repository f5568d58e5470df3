// What a workcell holds, its machines and labware, and which run holds them.

import { z } from 'zod';
import type { Told } from '../route.js';
import { instant, jsonObject, runMode } from '../values.js';
import { LABWARE_CATEGORIES } from '../../words/labware.js';

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
export type Machine = Told<typeof machine>;

export const releasedMachine = machine
  .extend({
    wasQuarantined: z
      .boolean()
      .meta({ description: 'False: there was nothing to release. A quarantine that comes later is not released by it.' }),
  })
  .meta({ id: 'ReleasedMachine', description: 'A machine after its release.' });
export type ReleasedMachine = Told<typeof releasedMachine>;

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
export type Labware = Told<typeof labware>;

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
export type Reservation = Told<typeof reservation>;

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
export type CheckedCommand = Told<typeof checkedCommand>;
