// Results that a run did not carry over because they are large: of commands from the bridge's journal, of calls
// from Postgres.

import { readCallResults } from '../db/runs/call.queries.js';
import { readCommandResults } from '../db/runs/command.queries.js';
import { LabError } from '../domain/errors/error.js';
import type { Json, JsonObject } from '../domain/json/json.js';
import type { ControlActivities } from './activity-types.js';
import type { ControlWorld } from './control-world.js';

type Request = Parameters<ControlActivities['readResults']>[0];

/** Requests that the bridge answers side by side; it takes 256 per connection. */
const PARALLEL_LOOKS_MAX = 32;

export async function readResults(
  world: ControlWorld,
  { runId, commandIds, callPaths }: Request,
): Promise<{ commands: JsonObject; calls: JsonObject }> {
  const commands = await readFromBridge(world, commandIds);
  const lost = commandIds.filter((id) => !commands.has(id));
  // A run may outlive its bridge's journal, which is copied to Postgres.
  for (const [id, result] of await readCommandResults(world.db, lost)) commands.set(id, result);
  let calls = await readCallResults(world.db, runId, callPaths);
  if (calls.size < new Set(callPaths).size) {
    await world.shipper.catchUp();
    calls = await readCallResults(world.db, runId, callPaths);
  }
  return { commands: requireAll(commandIds, commands), calls: requireAll(callPaths, calls) };
}

async function readFromBridge({ bridge }: ControlWorld, ids: readonly string[]): Promise<Map<string, Json>> {
  const results = new Map<string, Json>();
  for (let first = 0; first < ids.length; first += PARALLEL_LOOKS_MAX) {
    const batch = ids.slice(first, first + PARALLEL_LOOKS_MAX);
    const looks = await Promise.all(batch.map(async (id) => ({ id, ...(await bridge.request('command.status', { id })) })));
    for (const { id, outcome } of looks) if (outcome !== null) results.set(id, outcome.result);
  }
  return results;
}

function requireAll(keys: readonly string[], results: ReadonlyMap<string, Json>): JsonObject {
  const missing = keys.find((key) => !results.has(key));
  if (missing !== undefined) throw new LabError('INTERNAL', { message: `The result of ${missing} is in no record.` });
  return Object.fromEntries(results);
}
