// Workcells with their machines and labware: applied from a spec, rebuilt as one, listed and quarantined.

import { sql } from 'kysely';
import { LabError } from '../../domain/errors/error.js';
import { countPositions } from '../../domain/labware/labware-positions.js';
import type { LabwareCategory } from '../../domain/catalogue/labware-category.js';
import type { LabwareSpec, MachineSpec, WorkcellSpec } from '../../domain/workcells/workcell-spec.js';
import type { Database, Transaction } from '../connection/connect-database.js';
import { toJsonText } from '../connection/postgres-text.js';

// Single items; callers know them and their workcells as one module.
export { findAsset, listLabware, listMachines, quarantineMachine, releaseMachine } from '../assets/asset.queries.js';
export type { AssetItem, AssetStatus, LabwareItem, MachineItem, Quarantine } from '../assets/asset.queries.js';

/**
 * Makes the rows say what the spec says; ids, quarantines and reservations of items that stay are kept.
 * Items that the spec no longer names are marked removed, since runs of the past still point at them.
 */
export async function applyWorkcell(db: Database, spec: WorkcellSpec): Promise<void> {
  await db.transaction().execute(async (tx) => {
    const { rows } = await sql<{ id: string }>`
      insert into workcell (name, deck_type, deck_carriers)
      values (${spec.name}, ${spec.deck?.type ?? null}, ${spec.deck === null ? null : JSON.stringify(spec.deck.carriers)})
      on conflict (name) do update set deck_type = excluded.deck_type, deck_carriers = excluded.deck_carriers
      returning id`.execute(tx);
    const workcellId = rows[0]?.id ?? '';
    const names = [...spec.machines, ...spec.labware].map((item) => item.name);
    await refuseTakenNames(tx, workcellId, names);
    await sql`update asset set removed_at = now()
      where workcell_id = ${workcellId} and removed_at is null and name <> all(${names}::text[])`.execute(tx);
    for (const [ordinal, machine] of spec.machines.entries()) await applyMachine(tx, { workcellId, ordinal, machine });
    for (const [ordinal, labware] of spec.labware.entries()) await applyLabware(tx, { workcellId, ordinal, labware });
  });
}

async function refuseTakenNames(tx: Transaction, workcellId: string, names: readonly string[]): Promise<void> {
  const double = names.find((name, i) => names.indexOf(name) !== i);
  const { rows } = await sql<{ name: string; workcell: string }>`
    select a.name, w.name as workcell from asset a join workcell w on w.id = a.workcell_id
    where a.name = any(${names}::text[]) and a.workcell_id <> ${workcellId} and a.removed_at is null limit 1`.execute(tx);
  const taken = rows[0];
  if (double === undefined && taken === undefined) return;
  throw new LabError('INVALID_REQUEST', {
    message:
      taken === undefined
        ? `Two items of the workcell are named ${double}.`
        : `${taken.name} is already an item of workcell ${taken.workcell}.`,
    remedy: 'Names of machines and labware are unique in the lab; rename one of them.',
  });
}

async function applyMachine(tx: Transaction, given: { workcellId: string; ordinal: number; machine: MachineSpec }): Promise<void> {
  const { machine } = given;
  const id = await applyAsset(tx, {
    ...given,
    kind: 'machine',
    name: machine.name,
    type: machine.frontend,
    mode: machine.mode,
    positions: null,
  });
  await sql`insert into machine (asset_id, backend, backend_arguments, frontend_arguments, location)
    values (${id}, ${machine.backend}, ${JSON.stringify(machine.backendArguments)}, ${toJsonText(machine.frontendArguments)}::json,
      ${toJsonText(machine.location)}::json)
    on conflict (asset_id) do update set backend = excluded.backend, backend_arguments = excluded.backend_arguments,
      frontend_arguments = excluded.frontend_arguments, location = excluded.location`.execute(tx);
}

async function applyLabware(tx: Transaction, given: { workcellId: string; ordinal: number; labware: LabwareSpec }): Promise<void> {
  const { labware } = given;
  const id = await applyAsset(tx, {
    ...given,
    kind: 'labware',
    name: labware.name,
    type: labware.category,
    mode: null,
    positions: countPositions(labware.type) ?? null,
  });
  await sql`insert into labware (asset_id, catalogue_type, location, fresh, auto_replace)
    values (${id}, ${labware.type}, ${JSON.stringify(labware.location)}, ${JSON.stringify(labware.fresh)}, ${labware.autoReplace})
    on conflict (asset_id) do update set catalogue_type = excluded.catalogue_type, location = excluded.location,
      fresh = excluded.fresh, auto_replace = excluded.auto_replace`.execute(tx);
}

interface AssetValues {
  readonly workcellId: string;
  readonly ordinal: number;
  readonly kind: 'machine' | 'labware';
  readonly name: string;
  readonly type: string;
  readonly mode: MachineSpec['mode'] | null;
  readonly positions: number | null;
}

async function applyAsset(tx: Transaction, asset: AssetValues): Promise<string> {
  const { rows } = await sql<{ id: string }>`
    insert into asset (workcell_id, ordinal, kind, name, type, mode, positions)
    values (${asset.workcellId}, ${asset.ordinal}, ${asset.kind}, ${asset.name}, ${asset.type}, ${asset.mode}, ${asset.positions})
    on conflict (name) do update set workcell_id = excluded.workcell_id, ordinal = excluded.ordinal, kind = excluded.kind,
      type = excluded.type, mode = excluded.mode, positions = excluded.positions, removed_at = null
    returning id`.execute(tx);
  return rows[0]?.id ?? '';
}

/** Rebuilt from the rows in the order of the spec that was applied. */
export async function getWorkcellSpec(db: Database, name: string): Promise<WorkcellSpec> {
  const workcell = await db.selectFrom('workcell').selectAll().where('name', '=', name).executeTakeFirst();
  if (workcell === undefined) {
    throw new LabError('UNKNOWN_ASSET', { message: `There is no workcell named ${name}.`, remedy: 'Apply its description first.' });
  }
  const present = db
    .selectFrom('asset')
    .where('workcell_id', '=', workcell.id)
    .where('removed_at', 'is', null)
    .orderBy('ordinal')
    .orderBy('name');
  const machines = await present.innerJoin('machine', 'machine.asset_id', 'asset.id').selectAll().execute();
  const labware = await present.innerJoin('labware', 'labware.asset_id', 'asset.id').selectAll().execute();
  return {
    name,
    machines: machines.map((row) => ({
      name: row.name,
      frontend: row.type,
      backend: row.backend,
      backendArguments: row.backend_arguments,
      ...(row.frontend_arguments === null ? {} : { frontendArguments: row.frontend_arguments }),
      ...(row.location === null ? {} : { location: row.location }),
      mode: row.mode ?? 'simulation',
    })),
    deck: workcell.deck_type === null ? null : { type: workcell.deck_type, carriers: workcell.deck_carriers ?? [] },
    labware: labware.map((row) => ({
      name: row.name,
      type: row.catalogue_type,
      category: row.type as LabwareCategory,
      location: row.location,
      fresh: row.fresh,
      autoReplace: row.auto_replace,
    })),
  };
}
