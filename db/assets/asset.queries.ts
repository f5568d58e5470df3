// Machines and labware as people see them, and the quarantine that keeps a doubtful machine out of new runs.

import { randomUUID } from 'node:crypto';
import { sql } from 'kysely';
import { toAcceptCommand } from '../../domain/workcells/accept-command.js';
import { LabError } from '../../domain/errors/error.js';
import type { LabwareCategory } from '../../domain/catalogue/labware-category.js';
import type { LabwareLocation, LabwarePlace, RunMode } from '../../domain/workcells/workcell-spec.js';
import { askWorkcell } from '../requests/workcell-request.queries.js';
import { requireMachine } from './require-machine.js';
import type { Database, Transaction } from '../connection/connect-database.js';
import { appendEvents } from '../history/append-events.js';
import { toText } from '../connection/postgres-text.js';

export type AssetStatus = 'available' | 'in-use' | 'quarantined';

export interface MachineItem {
  readonly id: string;
  /** Rises with each change of the quarantine, and with what is not shown; events of the quarantine carry it. */
  readonly rev: number;
  readonly name: string;
  /** PyLabRobot front end. */
  readonly type: string;
  readonly backend: string;
  readonly mode: RunMode;
  readonly workcell: string;
  readonly status: AssetStatus;
  /** Why it is quarantined. */
  readonly statusReason: string | null;
  readonly heldByRunId: string | null;
}

export interface LabwareItem {
  readonly id: string;
  readonly name: string;
  readonly category: LabwareCategory;
  /** PyLabRobot catalogue function. */
  readonly type: string;
  readonly positions: number | null;
  readonly workcell: string;
  /** Where it is now. */
  readonly location: LabwarePlace;
  /** Where the workcell's description puts it. */
  readonly home: LabwareLocation;
  readonly autoReplace: boolean;
  readonly status: AssetStatus;
  readonly heldByRunId: string | null;
}

export interface AssetItem {
  readonly id: string;
  readonly kind: 'machine' | 'labware';
  readonly name: string;
  readonly type: string;
  readonly workcell: string;
  readonly status: AssetStatus;
  readonly heldByRunId: string | null;
}

const STATUS = sql<AssetStatus>`case when a.quarantine_reason is not null then 'quarantined'
  when r.run_id is not null then 'in-use' else 'available' end`;

export async function listMachines(db: Database): Promise<MachineItem[]> {
  const { rows } = await sql<MachineItem>`
    select a.id, a.rev, a.name, a.type, m.backend, a.mode, w.name as workcell, ${STATUS} as status,
      a.quarantine_reason as "statusReason", r.run_id as "heldByRunId"
    from asset a join machine m on m.asset_id = a.id join workcell w on w.id = a.workcell_id
    left join reservation r on r.asset_id = a.id
    where a.removed_at is null order by w.name, a.ordinal, a.name`.execute(db);
  return rows;
}

export async function listLabware(db: Database): Promise<LabwareItem[]> {
  const { rows } = await sql<LabwareItem>`
    select a.id, a.name, a.type as category, l.catalogue_type as type, a.positions, w.name as workcell,
      coalesce(l.place, l.location) as location, l.location as home, l.auto_replace as "autoReplace",
      ${STATUS} as status, r.run_id as "heldByRunId"
    from asset a join labware l on l.asset_id = a.id join workcell w on w.id = a.workcell_id
    left join reservation r on r.asset_id = a.id
    where a.removed_at is null order by w.name, a.ordinal, a.name`.execute(db);
  return rows;
}

export async function findAsset(db: Database | Transaction, nameOrId: string): Promise<AssetItem | undefined> {
  const { rows } = await sql<AssetItem>`
    select a.id, a.kind, a.name, a.type, w.name as workcell, ${STATUS} as status, r.run_id as "heldByRunId"
    from asset a join workcell w on w.id = a.workcell_id left join reservation r on r.asset_id = a.id
    where (a.id::text = ${toText(nameOrId)} or a.name = ${toText(nameOrId)}) and a.removed_at is null
    order by a.name limit 1`.execute(db);
  return rows[0];
}

export interface Quarantine {
  /** Id or name. */
  readonly machineId: string;
  readonly reason: string;
  readonly atMs: number;
  /** The run in which the doubt arose. */
  readonly runId?: string;
  /** The uncertain command that raised it: its resolution ends the quarantine. */
  readonly commandId?: string;
}

/** Runs that hold the machine keep it; new ones wait until it is released. The first reason stays. */
export async function quarantineMachine(tx: Transaction, given: Quarantine): Promise<void> {
  const { rows } = await sql<{ name: string; isNew: boolean }>`
    with before as (${selectMachineForUpdate(given.machineId)})
    update asset set quarantine_reason = coalesce(quarantine_reason, ${toText(given.reason)}),
      quarantined_by_run_id = coalesce(quarantined_by_run_id, ${given.runId ?? null}::uuid),
      quarantined_by_command_id = case when before.was_quarantined then quarantined_by_command_id else ${given.commandId ?? null}::text end
    from before where asset.id = before.id returning before.name, not before.was_quarantined as "isNew"`.execute(tx);
  const machine = rows[0] ?? refuseUnknownMachine(given.machineId);
  if (!machine.isNew) return;
  const data = { machine: machine.name, reason: given.reason };
  await appendEvents(tx, [{ type: 'machine.quarantined', atMs: given.atMs, runId: given.runId ?? null, data }]);
}

/** A bridge that comes back on the same day hears of a release. */
const RELEASE_PATIENCE_MS = 86_400_000;

export interface MachineRelease {
  /** Id or name. */
  readonly machineId: string;
  readonly atMs: number;
  readonly releasedBy: string;
  /** What the person saw. */
  readonly note: string;
}

/**
 * An operator has looked at the machine: runs may have it again. The workcell's worker is told in any case,
 * because the bridge keeps a quarantine of its own; otherwise releasing a free machine changes nothing. False where it was free already. Throws MACHINE_HELD while a lost
 * journal waits to be accepted: that gives the machines free, and nothing else does.
 */
export async function releaseMachine(db: Database, given: MachineRelease): Promise<boolean> {
  return await db.transaction().execute((tx) => releaseInTransaction(tx, given));
}

async function releaseInTransaction(tx: Transaction, given: MachineRelease): Promise<boolean> {
  const { rows } = await sql<{ name: string; wasQuarantined: boolean }>`
    with before as (${selectMachineForUpdate(given.machineId)})
    update asset set quarantine_reason = null, quarantined_by_run_id = null, quarantined_by_command_id = null
    from before where asset.id = before.id returning before.name, before.was_quarantined as "wasQuarantined"`.execute(tx);
  const machine = rows[0] ?? refuseUnknownMachine(given.machineId);
  const { workcell } = await requireMachine(tx, machine.name);
  await requireJournal(tx, machine.name, workcell);
  const body = { machine: machine.name, note: given.note };
  const told = { id: randomUUID(), workcell, kind: 'release-machine', body, by: given.releasedBy, patienceMs: RELEASE_PATIENCE_MS };
  await askWorkcell(tx, told);
  await sql`select pg_notify('praxis_freed', ${machine.name})`.execute(tx);
  if (!machine.wasQuarantined) return false;
  const { releasedBy, note, atMs } = given;
  await appendEvents(tx, [{ type: 'machine.released', atMs, runId: null, data: { machine: machine.name, releasedBy, note } }]);
  return true;
}

/** Who looks at one machine has not said that nothing in the workcell is under way which its journal does not know. */
async function requireJournal(tx: Transaction, machine: string, workcell: string): Promise<void> {
  const { rows } = await sql`select from workcell where name = ${workcell} and journal_lost is not null`.execute(tx);
  if (rows.length === 0) return;
  throw new LabError('MACHINE_HELD', {
    message: `${machine} stays quarantined: the journal of ${workcell} is lost, and nobody has accepted the one that is there.`,
    field: 'name',
    remedy: `Look at all machines of ${workcell}, then: ${toAcceptCommand(workcell)}`,
  });
}

export interface ResolvedMachine {
  readonly machine: string;
  /** A quarantine that anything else raised stays. */
  readonly commandId: string;
  /** Who has looked at the machine has looked after every command of this run. */
  readonly runId?: string;
  readonly resolvedBy: string;
  readonly note: string;
  readonly atMs: number;
}

/** A person has said what an uncertain command did; the bridge takes commands for the machine again and needs not be told. */
export async function releaseResolvedMachine(db: Database, given: ResolvedMachine): Promise<void> {
  await db.transaction().execute((tx) => releaseResolvedInTransaction(tx, given));
}

/** The same as a part of more, which has locked the machine. */
export async function releaseResolvedInTransaction(tx: Transaction, given: ResolvedMachine): Promise<void> {
  const { commandId, resolvedBy: releasedBy, note, atMs } = given;
  const { rows } = await sql<{ name: string }>`
    update asset set quarantine_reason = null, quarantined_by_run_id = null, quarantined_by_command_id = null
    where kind = 'machine' and name = ${toText(given.machine)} and removed_at is null
      and (quarantined_by_command_id = ${toText(commandId)} or (quarantined_by_command_id is not null and quarantined_by_run_id = ${given.runId ?? null}::uuid))
    returning name, pg_notify('praxis_freed', name)`.execute(tx);
  const machine = rows[0]?.name;
  if (machine === undefined) return;
  await appendEvents(tx, [{ type: 'machine.released', atMs, runId: null, data: { machine, releasedBy, note, commandId } }]);
}

function selectMachineForUpdate(nameOrId: string) {
  return sql`select id, name, quarantine_reason is not null as was_quarantined from asset
    where kind = 'machine' and removed_at is null and (id::text = ${toText(nameOrId)} or name = ${toText(nameOrId)}) for update`;
}

function refuseUnknownMachine(nameOrId: string): never {
  throw new LabError('MACHINE_NOT_FOUND', { message: `There is no machine ${nameOrId}.`, field: 'machine' });
}
