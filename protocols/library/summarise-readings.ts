// What a protocol returns of a plate read; the values themselves are kept as data of the run.

import type { PlateReading } from '../sdk/index.js';

export interface ReadingSummary {
  /** Wells with a value. */
  readonly wells: number;
  /** Null where no well has one. */
  readonly mean: number | null;
  readonly min: number | null;
  readonly max: number | null;
}

/** Wells that were not read have no value and do not count. */
export function summariseReadings(readings: readonly PlateReading[]): ReadingSummary {
  const values = readings.flatMap((reading) => reading.data.flat()).filter((value): value is number => typeof value === 'number');
  if (values.length === 0) return { wells: 0, mean: null, min: null, max: null };
  const sum = values.reduce((total, value) => total + value, 0);
  return { wells: values.length, mean: sum / values.length, min: Math.min(...values), max: Math.max(...values) };
}
