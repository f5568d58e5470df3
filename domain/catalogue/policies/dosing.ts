// Policies of pumps and powder dispensers. A pump goes on running after the command that started it has ended.

import { isJsonArray } from '../../json/json.js';
import type { CommandPolicy, NotACommand, PolicyTable } from '../policy.js';

const POWDER_MS = 30_000;

const FOR_DURATION: NotACommand = { notACommand: 'Starts, waits and stops; use pumpFor of the SDK, which waits in the run.' };
const REVOLVE: CommandPolicy = { retryClass: 'non-idempotent', expectedMs: 10_000, longestMs: 600_000, stopMethod: 'halt' };
/** Pumping by time waits inside, so it may be long. */
const VOLUME: CommandPolicy = {
  retryClass: 'non-idempotent',
  expectedMs: 30_000,
  longestMs: 3_600_000,
  stopMethod: 'halt',
  // In the unit of the pump's calibration.
  bounds: { volume: { min: 0, max: 1_000_000_000 } },
};
const START: CommandPolicy = { retryClass: 'set-state', expectedMs: 1_000, longestMs: 30_000, stopMethod: 'halt' };
const HALT: CommandPolicy = { retryClass: 'set-state', expectedMs: 1_000, longestMs: 30_000 };

export const PUMP_POLICIES: PolicyTable = {
  run_revolutions: REVOLVE,
  run_continuously: START,
  pump_volume: VOLUME,
  halt: HALT,
  run_for_duration: FOR_DURATION,
};

export const PUMP_ARRAY_POLICIES: PolicyTable = PUMP_POLICIES;

export const POWDER_DISPENSER_POLICIES: PolicyTable = {
  dispense: {
    retryClass: 'non-idempotent',
    expectedMs: (given) => POWDER_MS * countDoses(given['amounts'] ?? null),
    longestMs: (given) => 10 * POWDER_MS * countDoses(given['amounts'] ?? null),
  },
};

function countDoses(amounts: Parameters<typeof isJsonArray>[0]): number {
  return isJsonArray(amounts) ? Math.max(1, amounts.length) : 1;
}
