// Reads the bodies of journal rows with care: what a bridge of another version wrote must not stop shipping,
// so a body that is not as expected reads as undefined.

import type { CallEntry, CallLog } from '../../domain/call.js';
import { isJsonArray, isJsonObject, type Json, type JsonObject } from '../../domain/json.js';
import type { CommandIdentity, CommandOutcome } from '../../domain/wire.js';

const OUTCOME_STATUSES: ReadonlySet<unknown> = new Set(['completed', 'failed', 'stopped', 'uncertain']);
const PHASES: ReadonlySet<unknown> = new Set(['started', 'completed', 'failed', 'cancelled']);
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

/** Entries that cannot be read are left out; the others still count. */
export function readCalls(body: JsonObject): CallLog | undefined {
  const calls = body['calls'];
  if (!isJsonObject(calls) || typeof calls['workflowId'] !== 'string') return undefined;
  const entries = calls['entries'];
  if (entries === undefined || !isJsonArray(entries)) return undefined;
  return { workflowId: calls['workflowId'], entries: entries.filter(isEntry) as unknown as CallEntry[] };
}

function isEntry(entry: Json): boolean {
  return isJsonObject(entry) && isCount(entry['n']) && PHASES.has(entry['phase']) && typeof entry['path'] === 'string' && isTimeMs(entry['atMs']);
}

function isCount(value: Json | undefined): boolean {
  return Number.isInteger(value) && Number(value) >= 0 && Number(value) <= INT4_MAX;
}

function isTimeMs(value: Json | undefined): boolean {
  return typeof value === 'number' && Math.abs(value) <= TIME_MAX_MS;
}
