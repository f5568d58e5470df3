// Policies of shakers, temperature controllers and fans. What they were set to goes on after the command has ended.

import { readSeconds, type CommandPolicy, type PolicyTable } from '../policy.js';

const SET: CommandPolicy = { retryClass: 'set-state', expectedMs: 1_000, longestMs: 60_000 };
const CLAMP: CommandPolicy = { retryClass: 'set-state', expectedMs: 2_000, longestMs: 60_000 };
const SENSOR: CommandPolicy = { retryClass: 'read-only', expectedMs: 500, longestMs: 30_000 };
const MARGIN_MS = 60_000;

export const SHAKER_POLICIES: PolicyTable = {
  // A handle gives no duration; a command given by hand may, and waits inside.
  shake: {
    retryClass: 'set-state',
    expectedMs: (given) => 3_000 + readSeconds(given, 'duration', 0),
    longestMs: (given) => 2 * MARGIN_MS + readSeconds(given, 'duration', 0),
    stopMethod: 'stop_shaking',
    bounds: { speed: { min: 0, max: 5_000, isAboveMin: true } },
  },
  stop_shaking: { retryClass: 'set-state', expectedMs: 3_000, longestMs: 60_000 },
  lock_plate: CLAMP,
  unlock_plate: CLAMP,
};

export const TEMPERATURE_CONTROLLER_POLICIES: PolicyTable = {
  set_temperature: SET,
  deactivate: SET,
  get_temperature: SENSOR,
  // Reads the sensor again and again. Giving up the wait leaves the heating on.
  wait_for_temperature: {
    retryClass: 'read-only',
    expectedMs: (given) => readSeconds(given, 'timeout', 300) / 2,
    longestMs: (given) => readSeconds(given, 'timeout', 300) + MARGIN_MS,
    isLook: true,
  },
};

export const FAN_POLICIES: PolicyTable = {
  turn_on: {
    retryClass: 'set-state',
    expectedMs: (given) => 1_000 + readSeconds(given, 'duration', 0),
    longestMs: (given) => MARGIN_MS + readSeconds(given, 'duration', 0),
    stopMethod: 'turn_off',
  },
  turn_off: SET,
};
