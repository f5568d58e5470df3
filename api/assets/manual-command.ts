// A command that a person gives to a machine by hand: held against the catalogue, then a run of the protocol `manual`.

import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { CommandRequest } from '../../contract/http/assets/asset-request.js';
import type { CheckedCommand } from '../../contract/http/assets/asset-resource.js';
import type { Database } from '../../db/connection/connect-database.js';
import { listLabware, listMachines, type MachineItem } from '../../db/assets/asset.queries.js';
import { createRun, type CreatedRun } from '../../db/runs/create-run.js';
import { findDefinition } from '../../db/protocols/definition.queries.js';
import type { Catalogue } from '../../domain/catalogue/catalogue.js';
import { describeCommand } from '../../domain/catalogue/describe-command.js';
import { listNamedItems, readCommand, type ReadCommand } from '../../domain/catalogue/read-command.js';
import { LabError } from '../../domain/errors/error.js';
import { toCanonicalJson } from '../../domain/json/json.js';
import { MANUAL_DEFINITION, MANUAL_MACHINE } from '../../domain/protocols/manual.js';
import type { AssetSpec } from '../../domain/protocols/protocol.js';
import { findProjectRoot } from '../../platform/paths.js';

let catalogue: Catalogue | undefined;

export interface ManualWorld {
  readonly db: Database;
  readonly now: () => number;
  readonly newRunId: () => string;
}

/** Throws MACHINE_NOT_FOUND, UNKNOWN_METHOD, BAD_ARGUMENTS. */
export async function checkCommand(db: Database, nameOrId: string, request: CommandRequest): Promise<CheckedCommand> {
  const machine = await requireMachine(db, nameOrId);
  const { policy, ...read } = readRequest(machine, request);
  const { retryClass, expectedMs, longestMs } = policy;
  return {
    machine: machine.name,
    ...read,
    summary: describeCommand(machine.name, read.method, read.arguments),
    retryClass,
    expectedMs,
    longestMs,
  };
}

/** The run that sends it. Throws also ASSET_IN_USE and MACHINE_HELD where the machine is taken, and RUN_NOT_HELD. */
export async function giveCommand(
  world: ManualWorld,
  nameOrId: string,
  wish: CommandRequest & { by: string; idempotencyKey?: string },
): Promise<CreatedRun> {
  const { db } = world;
  const machine = await requireMachine(db, nameOrId);
  const { method, arguments: given } = readRequest(machine, wish);
  const definition = await findDefinition(db, MANUAL_DEFINITION.name);
  if (!definition)
    throw new LabError('PROTOCOL_NOT_FOUND', { message: 'The lab was not prepared for commands by hand.', remedy: 'Restart the lab.' });
  const labware = await findNamedLabware(db, given);
  const assets: Record<string, AssetSpec> = { [MANUAL_MACHINE]: { kind: 'machine', type: machine.type }, ...labware.specs };
  return createRun(db, {
    id: world.newRunId(),
    definition: { ...definition, assets },
    parameters: { method, arguments: given, reason: wish.reason },
    requestedAssets: { [MANUAL_MACHINE]: machine.name, ...labware.names },
    createdBy: wish.by,
    priority: 0,
    byHand: { underRunId: wish.runId },
    ...(wish.idempotencyKey !== undefined && { idempotencyKey: wish.idempotencyKey }),
    requestHash: createHash('sha256')
      .update(toCanonicalJson(['command', machine.id, method, given, wish.runId ?? null]))
      .digest('hex'),
    atMs: world.now(),
  });
}

function readRequest(machine: MachineItem, { method, arguments: given }: CommandRequest): ReadCommand {
  catalogue ??= JSON.parse(readFileSync(path.join(findProjectRoot(), 'domain', 'catalogue', 'pylabrobot.json'), 'utf8')) as Catalogue;
  return readCommand(catalogue, { frontEnd: machine.type, backend: machine.backend, method, arguments: given });
}

async function requireMachine(db: Database, nameOrId: string): Promise<MachineItem> {
  const machines = await listMachines(db);
  const machine = machines.find(({ name }) => name === nameOrId) ?? machines.find(({ id }) => id === nameOrId);
  if (!machine)
    throw new LabError('MACHINE_NOT_FOUND', {
      message: `There is no machine '${nameOrId}'.`,
      field: 'name',
      remedy: `There are: ${machines.map(({ name }) => name).join(', ')}.`,
    });
  return machine;
}

/** Labware is held while a command by hand uses it, like the machine. What is no labware the bridge looks at. */
async function findNamedLabware(
  db: Database,
  given: ReadCommand['arguments'],
): Promise<{ specs: Record<string, AssetSpec>; names: Record<string, string> }> {
  const named = listNamedItems(given);
  const items = named.length === 0 ? [] : (await listLabware(db)).filter(({ name }) => named.includes(name));
  return {
    specs: Object.fromEntries(
      items.map(({ category }, index): [string, AssetSpec] => [`labware${index + 1}`, { kind: 'labware', type: category }]),
    ),
    names: Object.fromEntries(items.map(({ name }, index) => [`labware${index + 1}`, name])),
  };
}
