// What the engine must know of a machine method beside its arguments: whether it may be repeated and how
// long it may take. One table per front end; every method that a protocol can send stands in one.

import type { JsonObject } from '../json.js';
import { LIQUID_HANDLER_POLICIES } from './liquid-handler.js';

/**
 * `read-only` may run again freely; `set-state` after a status check; `costly` only by a person's
 * decision although it harms nothing; `non-idempotent` never without a person.
 */
export type RetryClass = 'read-only' | 'set-state' | 'costly' | 'non-idempotent';

export interface MethodPolicy {
  readonly retryClass: RetryClass;
  /** What it usually takes on a real machine. */
  readonly expectedMs: number;
  /** When it has still not ended by then, its outcome is in doubt. */
  readonly longestMs: number;
}

const POLICIES: Readonly<Record<string, Readonly<Record<string, MethodPolicy>>>> = {
  LiquidHandler: LIQUID_HANDLER_POLICIES,
};

/** For methods without an entry: the most careful class, a generous limit. */
const CAREFUL: MethodPolicy = { retryClass: 'non-idempotent', expectedMs: 10_000, longestMs: 600_000 };

export function getMethodPolicy(frontend: string, method: string): MethodPolicy {
  return POLICIES[frontend]?.[method] ?? CAREFUL;
}

/** One line for a person: `star.aspirate plate_1:A2 100 µL`. At most 120 characters. */
export function describeCommand(machine: string, method: string, given: JsonObject): string {
  const places = given['tip_spots'] ?? given['resources'];
  const volumes = given['vols'];
  const words = [`${machine}.${method}`];
  if (Array.isArray(places)) words.push(describePlaces(places as readonly JsonObject[]));
  if (Array.isArray(volumes)) words.push(`${[...new Set(volumes as readonly number[])].join(', ')} µL`);
  const line = words.join(' ');
  return line.length > 120 ? `${line.slice(0, 117)}...` : line;
}

function describePlaces(places: readonly JsonObject[]): string {
  const names = places.map((place) => {
    const item = place['$item'];
    return Array.isArray(item) ? item.join(':') : String(place['$ref']);
  });
  const [first, last] = [names[0], names.at(-1)];
  return names.length > 2 ? `${first} to ${last}` : [...new Set(names)].join(', ');
}
