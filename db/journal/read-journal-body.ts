// Reads the bodies of journal rows with care: what a bridge of another version wrote must not stop shipping,
// so a body that is not as expected reads as undefined.

import type { CallEntry, CallLog } from '../../domain/runs/call.js';
import type { Resolution } from '../../domain/inbox/inbox.js';
import { isJsonArray, isJsonObject, type Json, type JsonObject } from '../../domain/json/json.js';
import type { CommandIdentity, CommandOutcome, JournalRow } from '../../domain/wire/wire.js';

const OUTCOME_STATUSES: ReadonlySet<unknown> = new Set(['completed', 'failed', 'stopped', 'uncertain']);
const PHASES: ReadonlySet<unknown> = new Set(['started', 'completed', 'failed', 'cancelled', 'state', 'data', 'note', 'window']);
/** What an integer column holds. */
const INT4_MAX = 2_147_483_647;
/** What a JavaScript date and a Postgres timestamp both hold. */
const TIME_MAX_MS = 8.64e15;

export function readIdentity(body: JsonObject): CommandIdentity | undefined {
  const command = body['command'];
  if (!isJsonObject(command) || !isJsonObject(command['arguments'])) return undefined;
  const hasTexts = ['runId', 'callPath', 'machine', 'method'].every((key) => typeof command[key] === 'string');
  const hasCounts = isCount(command['n']) && isCount(command['retry']) && Number.isSafeInteger(command['fence']);
  return hasTexts && hasCounts ? (command as unknown as CommandIdentity) : undefined;
}

export function readOutcome(body: JsonObject): CommandOutcome | undefined {
  const outcome = body['outcome'];
  if (!isJsonObject(outcome) || !OUTCOME_STATUSES.has(outcome['status']) || !isTimeMs(outcome['endedAtMs'])) return undefined;
  if (outcome['beganAtMs'] !== null && !isTimeMs(outcome['beganAtMs'])) return undefined;
  return { ...(outcome as unknown as CommandOutcome), sends: Number(outcome['sends'] ?? 0), result: outcome['result'] ?? null };
}

export function readReplace(body: JsonObject): { requestId: string; runId: string | null; labware: readonly string[] } | undefined {
  const labware = body['labware'];
  if (typeof body['requestId'] !== 'string' || labware === undefined || !isJsonArray(labware)) return undefined;
  const runId = body['runId'];
  return { requestId: body['requestId'], runId: typeof runId === 'string' ? runId : null, labware: labware.map(String) };
}

export interface ReadResolution {
  readonly commandId: string;
  readonly happened: Resolution['happened'];
  readonly by: string;
  readonly note: string;
}

export function readResolution(row: JournalRow): ReadResolution | undefined {
  const { happened, by, note, commandId = null } = row.body;
  const id = row.commandId ?? commandId;
  if (typeof id !== 'string' || (happened !== 'done' && happened !== 'not-done' && happened !== 'partly')) return undefined;
  return { commandId: id, happened, by: typeof by === 'string' ? by : '', note: typeof note === 'string' ? note : '' };
}

/** Entries that cannot be read are left out; the others still count. */
export function readCalls(body: JsonObject): CallLog | undefined {
  const calls = body['calls'];
  if (!isJsonObject(calls) || typeof calls['workflowId'] !== 'string') return undefined;
  const entries = readEntries(calls);
  if (entries === undefined || !isJsonArray(entries)) return undefined;
  return { workflowId: calls['workflowId'], entries: entries.filter(isEntry) as unknown as CallEntry[] };
}

/** They come as one text; commands of workflows of older generations carried them as values. */
function readEntries({ text, entries }: JsonObject): Json | undefined {
  if (typeof text !== 'string') return entries;
  try {
    return JSON.parse(text) as Json;
  } catch {
    // No worker writes this; what else the row says still counts.
    return undefined;
  }
}

function isEntry(entry: Json): boolean {
  if (!isJsonObject(entry) || !isCount(entry['n']) || !PHASES.has(entry['phase']) || !isTimeMs(entry['atMs'])) return false;
  if (typeof entry['path'] !== 'string' || !isOptionalText(entry['workflowId'])) return false;
  if (entry['phase'] === 'state') return isJsonObject(entry['state']);
  if (entry['phase'] !== 'data') return true;
  const data = entry['data'];
  return isJsonObject(data) && typeof data['name'] === 'string' && isOptionalText(data['commandId']);
}

function isOptionalText(value: Json | undefined): boolean {
  return value === undefined || typeof value === 'string';
}

function isCount(value: Json | undefined): boolean {
  return Number.isInteger(value) && Number(value) >= 0 && Number(value) <= INT4_MAX;
}

function isTimeMs(value: Json | undefined): boolean {
  return typeof value === 'number' && Math.abs(value) <= TIME_MAX_MS;
}
