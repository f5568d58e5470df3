// Policies of what measures: plate readers, imagers, scales and scanners. A second reading harms nothing, but bleaches
// the sample and takes its time, so it is a person's decision. No reader can stop a reading under way.

import { isJsonArray, type JsonObject } from '../../json/json.js';
import type { CommandPolicy, PolicyTable } from '../policy.js';

const WELLS_OF_A_PLATE = 96;
const WELL_MS = 300;

const DOOR: CommandPolicy = { retryClass: 'set-state', expectedMs: 5_000, longestMs: 90_000 };
const READ: CommandPolicy = {
  retryClass: 'costly',
  expectedMs: (given) => 10_000 + countWells(given) * WELL_MS,
  longestMs: (given) => 600_000 + 20 * countWells(given) * WELL_MS,
};
const SENSOR: CommandPolicy = { retryClass: 'read-only', expectedMs: 1_000, longestMs: 60_000 };
const ZERO: CommandPolicy = { retryClass: 'set-state', expectedMs: 2_000, longestMs: 60_000 };

export const PLATE_READER_POLICIES: PolicyTable = {
  open: DOOR,
  close: DOOR,
  read_absorbance: READ,
  read_fluorescence: READ,
  read_luminescence: { ...READ, expectedMs: (given) => 15_000 + countWells(given) * 2_000 },
};

export const IMAGER_POLICIES: PolicyTable = {
  // Imagers focus below the bottom of a plate too.
  capture: { retryClass: 'costly', expectedMs: 10_000, longestMs: 600_000, bounds: { focal_height: { min: -50, max: 50 } } },
};

export const SCALE_POLICIES: PolicyTable = {
  read_weight: SENSOR,
  tare: ZERO,
  zero: ZERO,
  get_weight: { notACommand: 'The old name of read_weight.' },
};

export const BARCODE_SCANNER_POLICIES: PolicyTable = { scan: SENSOR };

function countWells(given: JsonObject): number {
  const wells = given['wells'] ?? null;
  return isJsonArray(wells) ? wells.length : WELLS_OF_A_PLATE;
}
