// Policies of plate sealers and peelers. Sealing a sealed plate or peeling a bare one spoils it.

import { readSeconds, type CommandPolicy, type PolicyTable } from '../policy.js';

const SEAL_TEMPERATURE_C = { min: 0, max: 250 };

const SHUTTLE: CommandPolicy = { retryClass: 'set-state', expectedMs: 5_000, longestMs: 60_000 };

export const SEALER_POLICIES: PolicyTable = {
  seal: {
    retryClass: 'costly',
    expectedMs: (given) => 15_000 + readSeconds(given, 'duration', 3),
    // Before it seals it may have to heat.
    longestMs: (given) => 600_000 + readSeconds(given, 'duration', 3),
    bounds: { temperature: SEAL_TEMPERATURE_C, duration: { min: 0, max: 120 } },
  },
  open: SHUTTLE,
  close: SHUTTLE,
  set_temperature: { retryClass: 'set-state', expectedMs: 1_000, longestMs: 60_000, bounds: { temperature: SEAL_TEMPERATURE_C } },
  get_temperature: { retryClass: 'read-only', expectedMs: 500, longestMs: 30_000 },
};

export const PEELER_POLICIES: PolicyTable = {
  peel: { retryClass: 'costly', expectedMs: 20_000, longestMs: 180_000 },
  restart: { retryClass: 'set-state', expectedMs: 20_000, longestMs: 180_000 },
};
