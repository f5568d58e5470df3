// What Postgres knows of the journal of a workcell, that it is lost, and that a person has accepted the one that is there.

import { sql } from 'kysely';
import { toAcceptCommand } from '../../domain/workcells/accept-command.js';
import { LabError } from '../../domain/errors/error.js';
import type { JournalGap, JournalLoss, KeptLoss, KnownJournal, RowMark } from '../../domain/workcells/journal-identity.js';
import type { Json } from '../../domain/json/json.js';
import type { KnownEnd } from '../../domain/wire/wire.js';
import type { Database, Transaction } from '../connection/connect-database.js';
import { appendEvents } from '../history/append-events.js';
import { toJson, toText } from '../connection/postgres-text.js';
import { endInTransaction, raiseInTransaction } from '../inbox/alarm.queries.js';
import { lockAssets } from '../assets/asset-contest.js';
import { quarantineMachine, releaseResolvedInTransaction } from '../assets/asset.queries.js';
import { findGap, tellRuns } from './journal-gap.js';

const ALARM_PREFIX = 'alarm/journal/';

/** As far as this database knows the journal of that id. */
export async function readKnownJournal(db: Database, workcell: string, bridgeId: string): Promise<KnownJournal> {
  const { rows } = await sql<{
    expectedId: string | null;
    hasCommands: boolean;
    isListed: boolean;
    row: number | null;
    kind: string | null;
    atMs: number | null;
    newestAtMs: number | null;
  }>`
    select w.journal_id as "expectedId", b.id is not null as "isListed", j.row, j.kind, round(extract(epoch from j.at) * 1000)::float8 as "atMs",
      exists (select from command c join run r on r.id = c.run_id where r.workcell_id = w.id) as "hasCommands",
      round(extract(epoch from greatest(
        (select e.at from event_row e order by e.id desc limit 1),
        (select o.at from bridge n join journal_row o on o.bridge_id = n.id and o.row = n.last_row where n.id = w.journal_id))) * 1000)::float8 as "newestAtMs"
    from workcell w left join bridge b on b.id = ${toText(bridgeId)} left join journal_row j on j.bridge_id = b.id and j.row = b.last_row
    where w.name = ${toText(workcell)}`.execute(db);
  const found = rows[0];
  if (found === undefined) throw new LabError('WORKCELL_NOT_FOUND', { message: `There is no workcell '${workcell}'.` });
  const { expectedId, hasCommands, isListed, row, kind, atMs, newestAtMs } = found;
  const shipped = !isListed ? undefined : row === null || kind === null || atMs === null ? null : { row, kind, atMs };
  return { expectedId, hasCommands, shipped, newestAtMs };
}

/** The shipped row of that number or the next lower one. */
export async function findShippedRow(db: Database, bridgeId: string, row: number): Promise<RowMark | undefined> {
  const { rows } = await sql<RowMark>`
    select row, kind, round(extract(epoch from at) * 1000)::float8 as "atMs" from journal_row
    where bridge_id = ${toText(bridgeId)} and row <= ${row} order by row desc limit 1`.execute(db);
  return rows[0];
}

/** From now on the workcell works with this journal. */
export async function adoptJournal(db: Database, workcell: string, bridgeId: string): Promise<void> {
  await db.transaction().execute(async (tx) => {
    await beginShippingAfter(tx, bridgeId, 0);
    await sql`update workcell set journal_id = ${toText(bridgeId)} where name = ${toText(workcell)}`.execute(tx);
  });
}

/** Rows up to this one are not shipped under that id: they are there under another one, or were let go. */
export async function beginShippingAfter(db: Database | Transaction, bridgeId: string, row: number): Promise<void> {
  await sql`insert into bridge (id, last_row) values (${toText(bridgeId)}, ${row})
    on conflict (id) do update set last_row = greatest(bridge.last_row, excluded.last_row)`.execute(db);
}

/** People are told, and no new run gets a machine of the workcell. Once for each loss, wholly: whoever was cut off does it again. */
export async function recordLoss(db: Database, workcell: string, loss: JournalLoss): Promise<void> {
  const { because, foundAtMs: atMs } = loss;
  await db.transaction().execute(async (tx) => {
    const gap = await findGap(tx, workcell, loss);
    const kept: KeptLoss = { ...loss, ...(gap && { gap }) };
    const { rows } = await sql`
      update workcell set journal_lost = ${toJson(kept)}::json where name = ${toText(workcell)} and journal_lost is null returning id`.execute(
      tx,
    );
    const machines = rows.length === 0 ? [] : await lockMachines(tx, workcell);
    const text = `${because} Nothing moves in ${workcell}. Look at its machines, then: ${toAcceptCommand(workcell)}`;
    await raiseInTransaction(tx, {
      itemId: toItemId(workcell, loss),
      subject: { kind: 'alarm', text, cause: 'journal-lost', workcell },
      runId: null,
      callPath: '',
      atMs,
    });
    if (rows.length === 0) return;
    for (const machine of machines)
      await quarantineMachine(tx, { machineId: machine, reason: because, atMs, commandId: toItemId(workcell, loss) });
    await appendEvents(tx, [
      { type: 'workcell.journal-lost', atMs, runId: null, data: { workcell, because } },
      ...(gap ? tellRuns(gap, { workcell, atMs }) : []),
    ]);
  });
}

export interface WorkcellJournal {
  readonly workcell: string;
  readonly journalId: string | null;
  readonly lost: { readonly because: string; readonly foundAt: string; readonly gap: JournalGap | null } | null;
}

/** Throws WORKCELL_NOT_FOUND. */
export async function getWorkcellJournal(db: Database, workcell: string): Promise<WorkcellJournal> {
  const { rows } = await sql<{ name: string; journalId: string | null; lost: KeptLoss | null }>`
    select name, journal_id as "journalId", journal_lost as lost from workcell where name = ${toText(workcell)}`.execute(db);
  const found = rows[0];
  if (found === undefined) throw new LabError('WORKCELL_NOT_FOUND', { message: `There is no workcell '${workcell}'.`, field: 'workcell' });
  const { name, journalId, lost } = found;
  return {
    workcell: name,
    journalId,
    lost: lost && { because: lost.because, foundAt: new Date(lost.foundAtMs).toISOString(), gap: lost.gap ?? null },
  };
}

/** The highest fence that was granted for each machine, for a journal that may not know it. */
export async function listGrantedFences(db: Database, workcell: string): Promise<Readonly<Record<string, number>>> {
  const { rows } = await sql<{ name: string; fence: number }>`
    select a.name, greatest(a.section_fence, coalesce((select max(r.fence) from run_asset ra join run r on r.id = ra.run_id where ra.asset_id = a.id), 0)) as fence
    from asset a join workcell w on w.id = a.workcell_id
    where w.name = ${toText(workcell)} and a.kind = 'machine' and a.removed_at is null`.execute(db);
  return Object.fromEntries(rows.map(({ name, fence }) => [name, fence]));
}

/** So many of a run's newest commands may be asked for again: no block has more. */
const KNOWN_PER_RUN_MAX = 10_000;
/** A portion has a bounded number of results, each of which may be large. */
const KNOWN_PAGE_MAX = 500;
const KNOWN_PAGE_CHARACTERS = 2_000_000;

export interface EndsCursor {
  readonly runId: string;
  readonly ordinal: number;
}

export interface KnownEnds {
  readonly ends: readonly KnownEnd[];
  /** Undefined after the last portion. */
  readonly next: EndsCursor | undefined;
}

interface EndRow extends Omit<KnownEnd, 'outcome'> {
  readonly ordinal: number;
  readonly status: KnownEnd['outcome']['status'];
  readonly result: Json;
  readonly error: KnownEnd['outcome']['error'];
  readonly beganAtMs: number | null;
  readonly endedAtMs: number;
}

/** Commands of the workcell's open runs that have ended without doubt, in portions that fit a message. */
export async function listKnownEnds(db: Database, workcell: string, after: EndsCursor | undefined): Promise<KnownEnds> {
  const { rows } = await sql<EndRow>`
    select id, "runId", "callPath", n, retry, machine, method, arguments, fence, "underRunId", ordinal, status, result, error, "beganAtMs", "endedAtMs" from (
      select page.*, sum(size) over (order by "runId", ordinal) - size as before from (
        select c.id, r.id as "runId", c.call_path as "callPath", c.n, c.retry, c.machine, c.method, c.arguments, c.fence, r.under_run_id as "underRunId",
          c.ordinal, c.status, c.result, c.error, round(extract(epoch from c.began_at) * 1000)::float8 as "beganAtMs",
          round(extract(epoch from c.ended_at) * 1000)::float8 as "endedAtMs", coalesce(length(c.result::text), 0) + length(c.arguments::text) as size
        from workcell w join run r on r.workcell_id = w.id and r.ended_at is null
        cross join lateral (select * from command where run_id = r.id order by ordinal desc limit ${KNOWN_PER_RUN_MAX}) c
        where w.name = ${toText(workcell)} and c.status in ('completed', 'failed', 'stopped') and c.ended_at is not null
          and (r.id, c.ordinal) > (${after?.runId ?? NO_RUN}::uuid, ${after?.ordinal ?? 0}::bigint)
        order by r.id, c.ordinal limit ${KNOWN_PAGE_MAX}) page) sized
    where before < ${KNOWN_PAGE_CHARACTERS} order by "runId", ordinal`.execute(db);
  const last = rows.at(-1);
  return { ends: rows.map(toKnownEnd), next: last && { runId: last.runId, ordinal: last.ordinal } };
}

const NO_RUN = '00000000-0000-0000-0000-000000000000';

function toKnownEnd({ ordinal: _, status, result, error, beganAtMs, endedAtMs, underRunId, ...identity }: EndRow): KnownEnd {
  // How much went over the wire of the instrument is not kept here.
  const outcome = { status, result, error, beganAtMs, endedAtMs, sends: 0 };
  return { ...identity, ...(underRunId ? { underRunId } : {}), outcome };
}

/** Fences that are granted from now on are higher. None is granted meanwhile: it would be taken back, and granted again. */
export async function raiseFences(db: Database, fence: number): Promise<void> {
  await db.transaction().execute(async (tx) => {
    // Changes nothing, and holds up whoever wants a fence: Postgres has no other lock of a sequence.
    await sql`alter sequence fence_sequence no cycle`.execute(tx);
    await sql`
      select setval('fence_sequence', ${fence}::bigint) from fence_sequence where last_value < ${fence}::bigint or (last_value = ${fence}::bigint and not is_called)`.execute(
      tx,
    );
  });
}

export interface JournalAcceptance {
  readonly workcell: string;
  readonly bridgeId: string;
  readonly by: string;
  readonly note: string;
  readonly atMs: number;
}

/** A person has looked, and the bridge knows of it: the workcell works with this journal, its machines are given free. All of it or nothing. */
export async function recordAcceptance(db: Database, { workcell, bridgeId, by, note, atMs }: JournalAcceptance): Promise<void> {
  await db.transaction().execute(async (tx) => {
    // Runs that are being made hold its key; they wait for its machines.
    const { rows } = await sql<{ lost: JournalLoss | null }>`
      with before as (select id, journal_lost from workcell where name = ${toText(workcell)} for no key update)
      update workcell set journal_id = ${toText(bridgeId)}, journal_lost = null from before where workcell.id = before.id
      returning before.journal_lost as lost`.execute(tx);
    const lost = rows[0]?.lost ?? null;
    if (lost === null) return;
    const machines = await lockMachines(tx, workcell);
    const itemId = toItemId(workcell, lost);
    await endInTransaction(tx, [itemId], atMs);
    await appendEvents(tx, [{ type: 'workcell.journal-accepted', atMs, runId: null, data: { workcell, by, note, because: lost.because } }]);
    for (const machine of machines) await releaseResolvedInTransaction(tx, { machine, commandId: itemId, resolvedBy: by, note, atMs });
  });
}

function toItemId(workcell: string, { foundAtMs }: JournalLoss): string {
  return `${ALARM_PREFIX}${workcell}/${foundAtMs}`;
}

/** Before the first event, after which nothing may wait for a row. */
async function lockMachines(tx: Transaction, workcell: string): Promise<readonly string[]> {
  const ids = await lockAssets(
    tx,
    sql`a.kind = 'machine' and a.removed_at is null and a.workcell_id = (select id from workcell where name = ${toText(workcell)})`,
  );
  const { rows } = await sql<{ name: string }>`select name from asset where id = any(${[...ids]}::uuid[]) order by name`.execute(tx);
  return rows.map(({ name }) => name);
}
