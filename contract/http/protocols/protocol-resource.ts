// A published protocol, with what it demands of parameters and assets.

import { z } from 'zod';
import { instant, json } from '../values.js';
import { LABWARE_CATEGORIES } from '../../words/labware.js';
import { PARAMETER_TYPES } from '../../words/protocols.js';

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
    titles: z.array(z.string()).optional().meta({ description: 'Columns of a table only: what files may call it beside its name.' }),
    get of() {
      return parameterSpec.optional();
    },
    get fields() {
      return z.record(z.string(), parameterSpec).optional();
    },
  })
  .meta({ id: 'ParameterSpec', description: 'What a protocol demands of one parameter.' });

export const assetSpec = z
  .discriminatedUnion('kind', [
    z.object({
      kind: z.literal('machine'),
      type: z.string().meta({ description: 'PyLabRobot front end' }),
      hold: z.literal('perUse').optional().meta({ description: 'Shared between runs: held only inside sections.' }),
      description: z.string().optional(),
    }),
    z.object({
      kind: z.literal('labware'),
      type: z.enum(LABWARE_CATEGORIES),
      positions: z.int().optional(),
      description: z.string().optional(),
    }),
  ])
  .meta({ id: 'AssetSpec', description: 'What a protocol demands of one asset.' });

const recoveryRule = z
  .union([
    z.enum(['fail', 'ask', 'done']),
    z.object({ then: z.enum(['fail', 'ask']) }),
    z.object({ then: z.literal('retry'), times: z.number(), otherwise: z.enum(['fail', 'ask']).optional() }),
    z.object({ then: z.literal('done'), result: json.optional() }),
  ])
  .meta({ id: 'RecoveryRule', description: 'What becomes of a command that failed. retry: where nothing moves twice.' });

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
    recovery: z.record(z.string(), recoveryRule).optional().meta({ description: 'What becomes of commands that fail, by error code.' }),
    bundle: z.string(),
    contentHash: z.string().optional().meta({ description: 'Hash of its file and of those that it imports from its folder.' }),
    file: z.string(),
    line: z.int(),
    publishedAt: instant,
  })
  .meta({ id: 'Protocol', description: 'A published version of a protocol function.' });

export const sourceReport = z
  .object({
    severity: z.enum(['error', 'warning']).meta({ description: 'For an error something of the file is not published.' }),
    file: z.string(),
    line: z.int(),
    column: z.int(),
    message: z.string(),
    remedy: z.string().optional(),
    code: z.string().optional().meta({ description: 'Number of the compiler, as TS2345.' }),
  })
  .meta({ id: 'SourceReport', description: 'What is told of a file of protocols, as it was read last.' });
