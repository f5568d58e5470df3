// Policies of centrifuges and their loaders.

import { readSeconds, type CommandPolicy, type PolicyTable } from '../policy.js';

/** Getting to speed and coming to rest again. */
const RAMPS_MS = 120_000;

const LATCH: CommandPolicy = { retryClass: 'set-state', expectedMs: 2_000, longestMs: 60_000 };
const DOOR: CommandPolicy = { retryClass: 'set-state', expectedMs: 5_000, longestMs: 60_000 };
const BUCKET: CommandPolicy = { retryClass: 'set-state', expectedMs: 10_000, longestMs: 120_000 };
const PLATE: CommandPolicy = { retryClass: 'non-idempotent', expectedMs: 15_000, longestMs: 180_000 };

export const CENTRIFUGE_POLICIES: PolicyTable = {
  open_door: DOOR,
  close_door: DOOR,
  lock_door: LATCH,
  unlock_door: LATCH,
  lock_bucket: LATCH,
  unlock_bucket: LATCH,
  go_to_bucket1: BUCKET,
  go_to_bucket2: BUCKET,
  spin: {
    retryClass: 'costly',
    expectedMs: (given) => readSeconds(given, 'duration', 60) + RAMPS_MS / 2,
    longestMs: (given) => readSeconds(given, 'duration', 3_600) + 5 * RAMPS_MS,
  },
  start_spin_cycle: { notACommand: 'The old name of spin.' },
};

export const LOADER_POLICIES: PolicyTable = { load: PLATE, unload: PLATE };
