// The syringe pump as protocols drive it: the methods of drivers/syringe_pump.py with their arguments, and what the engine must
// know of each. The class of retry and the stop method say the same as drivers/praxis_drivers.py.

import type { AnyMachine, CustomMethods } from 'praxis/sdk';

export interface SyringePump extends AnyMachine {
  selectValve(given: { readonly valve: number }): Promise<void>;
  aspirate(given: { readonly volumeUl: number; readonly speedUlPerS?: number }): Promise<void>;
  dispense(given: { readonly volumeUl: number; readonly speedUlPerS?: number }): Promise<void>;
  /** Microlitres in the syringe. */
  readPosition(): Promise<number>;
}

const DEFAULT_SPEED_UL_PER_S = 50;
const MARGIN_MS = 5_000;

/** What a stroke takes, from its own arguments as they travel. */
function toStrokeMs({
  volume_ul: volumeUl,
  speed_ul_per_s: speedUlPerS = DEFAULT_SPEED_UL_PER_S,
}: Readonly<Record<string, unknown>>): number {
  return (Number(volumeUl) / Number(speedUlPerS)) * 1_000;
}

const STROKE = {
  arguments: { volumeUl: 'volume_ul', speedUlPerS: 'speed_ul_per_s' },
  // Twice is twice the volume: only a person may say what a lost stroke did.
  retryClass: 'non-idempotent',
  expectedMs: toStrokeMs,
  longestMs: (given: Readonly<Record<string, unknown>>) => 3 * toStrokeMs(given) + MARGIN_MS,
  stopMethod: 'halt',
} as const;

export const SYRINGE_PUMP: CustomMethods<SyringePump> = {
  selectValve: { command: 'select_valve', arguments: { valve: 'valve' }, retryClass: 'set-state', expectedMs: 500, longestMs: 10_000 },
  aspirate: { command: 'aspirate', ...STROKE },
  dispense: { command: 'dispense', ...STROKE },
  readPosition: { command: 'read_position', result: 'number', retryClass: 'read-only', expectedMs: 50, longestMs: 5_000 },
};
