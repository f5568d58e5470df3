// Reads journal rows of a bridge and brings what they tell into command rows, call rows and events.
// A row that belongs to no run of this lab, or that cannot be read, is passed over with the reason.

import { sql } from 'kysely';
import { listToldEntries } from '../../domain/runs/call.js';
import type { NewEvent } from '../../domain/history/event.js';
import type { Json } from '../../domain/json/json.js';
import { isJsonArray, isJsonObject } from '../../domain/json/json.js';
import type { CommandIdentity, CommandOutcome, JournalRow } from '../../domain/wire/wire.js';
import type { Transaction } from '../connection/connect-database.js';
import { isUuid, toText } from '../connection/postgres-text.js';
import { appendEvents } from '../history/append-events.js';
import { toWriter, type RunCallLog } from './flat-entry.js';
import { projectCalls } from './project-calls.js';
import { readCalls, readIdentity, readOutcome, readReplace, readResolution } from './read-journal-body.js';
import { projectLate, readLate } from './project-late.js';
import { projectPlaces } from './project-places.js';
import { projectStops, readStop } from './project-stops.js';
import { findCommands, resolveCommands, upsertCommands, type CommandChange, type CommandResolution } from './upsert-commands.js';

export interface JournalProjection {
  /** Row number → why it was stored only. */
  readonly skipped: ReadonlyMap<number, string>;
  /** Kept for the end of the transaction, since it takes the lock of the history. */
  appendEvents(): Promise<unknown>;
}

/** What one row tells, before it is known which call entries are new. */
interface Told {
  readonly log?: RunCallLog | undefined;
  readonly events: readonly NewEvent[];
  /** Its event is told where the command had no resolution before. */
  readonly resolution?: CommandResolution;
}

export async function projectJournal(tx: Transaction, rows: readonly JournalRow[]): Promise<JournalProjection> {
  const skipped = new Map<number, string>();
  const commands = await findCommands(tx, [
    ...new Set(
      rows.flatMap(
        (row) => row.commandId ?? (row.kind === 'RESOLVE' ? (readResolution(row)?.commandId ?? []) : (readLate(row)?.commandId ?? [])),
      ),
    ),
  ]);
  const runIds = await findRuns(tx, rows);
  const requesters = await findRequesters(tx, rows);
  const told: Told[] = [];
  for (const row of rows) {
    const outcome = readRow(row, { commands, runIds, requesters });
    if (typeof outcome === 'string') skipped.set(row.row, outcome);
    else told.push(outcome);
  }
  await projectPlaces(tx, rows);
  await projectLate(tx, rows);
  await projectStops(tx, rows);
  await upsertCommands(
    tx,
    [...commands.values()].filter((command) => command.isChanged),
  );
  const resolved = new Set(
    await resolveCommands(
      tx,
      told.flatMap(({ resolution }) => resolution ?? []),
    ),
  );
  const projected = await projectCalls(
    tx,
    told.flatMap(({ log }) => log ?? []),
  );
  const callEvents = new Map(projected.map((entry) => [`${entry.workflowId}\n${entry.n}`, entry.event]));
  const events = told.flatMap(({ log, events: own, resolution }) => {
    const isTold = resolution === undefined || resolved.delete(resolution.id);
    return [...takeCallEvents(log, callEvents), ...(isTold ? own : [])];
  });
  return { skipped, appendEvents: () => appendEvents(tx, events) };
}

/** An entry that two rows carry is told by the first. */
function takeCallEvents(log: RunCallLog | undefined, callEvents: Map<string, NewEvent>): NewEvent[] {
  if (log === undefined) return [];
  return listToldEntries(log).flatMap((entry) => {
    const key = `${toWriter(log, entry)}\n${entry.n}`;
    const event = callEvents.get(key);
    callEvents.delete(key);
    return event ?? [];
  });
}

async function findRuns(tx: Transaction, rows: readonly JournalRow[]): Promise<ReadonlySet<string>> {
  const named = rows.flatMap((row) => [readIdentity(row.body)?.runId, readReplace(row.body)?.runId]);
  const ids = [...new Set(named.filter((id) => typeof id === 'string' && isUuid(id)))];
  if (ids.length === 0) return new Set();
  const { rows: found } = await sql<{ id: string }>`select id from run where id = any(${ids}::uuid[])`.execute(tx);
  return new Set(found.map((run) => run.id));
}

/** The bridge knows a request by its id alone. */
async function findRequesters(tx: Transaction, rows: readonly JournalRow[]): Promise<ReadonlyMap<string, string>> {
  const ids = rows.flatMap((row) => (row.kind === 'REPLACE' ? (readReplace(row.body)?.requestId ?? []) : []));
  if (ids.length === 0) return new Map();
  const { rows: found } = await sql<{ id: string; by: string }>`
    select id, requested_by as by from replacement_request where id = any(${ids.map(toText)}::text[])`.execute(tx);
  return new Map(found.map(({ id, by }) => [id, by]));
}

interface Known {
  readonly commands: Map<string, CommandChange>;
  readonly runIds: ReadonlySet<string>;
  /** Request of a replacement → the person who made it. */
  readonly requesters: ReadonlyMap<string, string>;
}

function readRow(row: JournalRow, known: Known): Told | string {
  switch (row.kind) {
    case 'SENT':
      return readSent(row, known);
    case 'END':
      return readEnd(row, known);
    case 'REPLACE':
      return readReplaced(row, known);
    case 'RESOLVE':
      return readResolved(row, known);
    case 'PLACE':
      return readPlaced(row);
    case 'CONNECT':
      return readConnecting(row);
    case 'LATE':
      return readReturned(row, known);
    case 'ABORT':
      return readAborted(row);
    case 'STOP_ALL':
      return readStopped(row);
    case 'CALLS':
      return readCallsRow(row, known);
    // What the bridge notes for itself, as what a later one may note: nothing of it is history of a run or of a machine.
    case 'ACCEPT':
    case 'BOOT':
    case 'CONFIG':
    case 'CORRECT':
    case 'HOLD':
    case 'LOST':
    case 'RELEASE':
    case 'SNAPSHOT':
    case 'STEP_END':
    default:
      return { events: [] };
  }
}

function readSent(row: JournalRow, { commands, runIds }: Known): Told | string {
  const identity = readIdentity(row.body);
  if (identity === undefined || row.commandId === null) return 'The body names no command.';
  if (!runIds.has(identity.runId)) return `Run ${identity.runId} is not of this lab.`;
  const before = commands.get(row.commandId);
  const log = toRunLog(identity.runId, row);
  // A command that is run again after a restart of its bridge is told once.
  if (before !== undefined) return { log, events: [] };
  commands.set(row.commandId, { id: row.commandId, identity, status: 'running', beganAtMs: row.atMs, isChanged: true });
  return { log, events: [toCommandEvent(row, { identity })] };
}

function readEnd(row: JournalRow, { commands, runIds }: Known): Told | string {
  const outcome = readOutcome(row.body);
  if (outcome === undefined || row.commandId === null) return 'The body tells no outcome.';
  const before = commands.get(row.commandId);
  const identity = before?.identity ?? readIdentity(row.body);
  if (identity === undefined) return `Command ${row.commandId} is not known here.`;
  if (before === undefined && !runIds.has(identity.runId)) return `Run ${identity.runId} is not of this lab.`;
  const log = toRunLog(identity.runId, row);
  if (before?.outcome !== undefined || before?.hasEnded === true) return { log, events: [] };
  const beganAtMs = before?.beganAtMs ?? outcome.beganAtMs;
  commands.set(row.commandId, { id: row.commandId, identity, status: outcome.status, beganAtMs, outcome, isChanged: true });
  return { log, events: [toCommandEvent(row, { identity, outcome, beganAtMs })] };
}

function readReplaced(row: JournalRow, { runIds, requesters }: Known): Told | string {
  const replaced = readReplace(row.body);
  if (replaced === undefined) return 'The body names no labware.';
  const runId = replaced.runId !== null && runIds.has(replaced.runId) ? replaced.runId : null;
  const by = requesters.get(replaced.requestId);
  const data = { requestId: replaced.requestId, labware: replaced.labware, row: row.row, ...(by === undefined ? {} : { by }) };
  return { events: [{ type: 'labware.replaced', atMs: row.atMs, runId, data }] };
}

function readResolved(row: JournalRow, { commands }: Known): Told | string {
  const read = readResolution(row);
  if (read === undefined) return 'The body tells no resolution.';
  const { commandId: id, happened, by, note } = read;
  const identity = commands.get(id)?.identity;
  if (identity === undefined) return `Command ${id} is not known here.`;
  const { runId, callPath, machine, method } = identity;
  const data = { id, machine, method, happened, by, note, row: row.row };
  return {
    resolution: { id, happened, by, note, atMs: row.atMs },
    events: [{ type: 'command.resolved', atMs: row.atMs, runId, callPath, data }],
  };
}

function readReturned(row: JournalRow, { commands }: Known): Told | string {
  const returned = readLate(row);
  const identity = returned === undefined ? undefined : commands.get(returned.commandId)?.identity;
  if (returned === undefined || identity === undefined) return 'The body tells no late return of a command known here.';
  const { runId, callPath, machine, method } = identity;
  const data = { id: returned.commandId, machine, method, outcome: returned.late['outcome'] ?? null, row: row.row };
  return { events: [{ type: 'command.late', atMs: row.atMs, runId, callPath, data }] };
}

function readConnecting({ row, atMs, body }: JournalRow): Told | string {
  const { machine, by, note } = body;
  if (typeof machine !== 'string') return 'The body names no machine.';
  return { events: [{ type: 'machine.connecting', atMs, runId: null, data: { machine, by: toWord(by), note: toWord(note), row } }] };
}

function readAborted({ row, atMs, body }: JournalRow): Told | string {
  const { machine, by, note, commands } = body;
  if (typeof machine !== 'string') return 'The body names no machine.';
  return {
    events: [
      {
        type: 'machine.aborted',
        atMs,
        runId: null,
        data: { machine, by: toWord(by), note: toWord(note), commands: listJson(commands), row },
      },
    ],
  };
}

function readStopped(row: JournalRow): Told | string {
  const stop = readStop(row);
  if (stop === undefined) return 'The body names no workcell and state.';
  const { workcell, state } = stop;
  const data = { workcell, rev: state.rev, by: state.by, reason: state.reason, row: row.row };
  return { events: [{ type: state.isStopped ? 'workcell.stopped' : 'workcell.released', atMs: row.atMs, runId: null, data }] };
}

function readPlaced({ row, atMs, body }: JournalRow): Told | string {
  const { requestId, labware, location, by, note } = body;
  if (typeof labware !== 'string' || location === undefined) return 'The body names no labware and place.';
  return {
    events: [
      {
        type: 'labware.placed',
        atMs,
        runId: null,
        data: { requestId: toWord(requestId), labware, location, by: toWord(by), note: toWord(note), row },
      },
    ],
  };
}

function readCallsRow(row: JournalRow, { runIds }: Known): Told | string {
  const runId = row.body['runId'];
  if (typeof runId !== 'string' || !runIds.has(runId)) return 'The calls belong to no run of this lab.';
  return { log: toRunLog(runId, row), events: [] };
}

function toRunLog(runId: string, row: JournalRow): RunCallLog | undefined {
  const calls = readCalls(row.body);
  return calls === undefined ? undefined : { runId, ...calls };
}

interface CommandTold {
  readonly identity: CommandIdentity;
  readonly outcome?: CommandOutcome;
  readonly beganAtMs?: number | null;
}

function toCommandEvent(row: JournalRow, { identity, outcome, beganAtMs }: CommandTold): NewEvent {
  const { runId, callPath, machine, method, n, retry, arguments: given } = identity;
  const asked = { id: row.commandId ?? '', machine, method, arguments: given, n, retry, row: row.row };
  if (outcome === undefined) return { type: 'command.began', atMs: row.atMs, runId, callPath, data: asked };
  const { status, sends, endedAtMs } = outcome;
  const error: Json = isJsonObject(outcome.error) ? outcome.error : null;
  const data = { ...asked, beganAtMs: beganAtMs ?? null, endedAtMs, sends, error };
  return { type: `command.${status}`, atMs: endedAtMs, runId, callPath, data };
}

function toWord(given: Json | undefined): string {
  return typeof given === 'string' ? given : '';
}

function listJson(given: Json | undefined): readonly Json[] {
  return given !== undefined && isJsonArray(given) ? given : [];
}
