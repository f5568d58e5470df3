// The PumpArray as a protocol drives it: PyLabRobot's methods as commands. Generated from the catalogue by
// tools/generate-machines.ts; do not edit.

import type { AnyMachine, MethodPlans } from '../machine-handle.js';

export interface PumpArray extends AnyMachine {
  /** Halt the entire pump array. */
  halt(): Promise<void>;
  /** Run the specified channels at the specified speeds for the specified volume. */
  pumpVolume(options: {
    readonly speed: number | readonly number[];
    readonly useChannels: number | readonly number[];
    readonly volume: number | readonly number[];
  }): Promise<void>;
  /** Run the specified channels at the specified speeds. */
  runContinuously(options: { readonly speed: number | readonly number[]; readonly useChannels: number | readonly number[] }): Promise<void>;
  /** Run the specified channels for the specified number of revolutions. */
  runRevolutions(options: {
    readonly revolutions: number | readonly number[];
    readonly useChannels: number | readonly number[];
  }): Promise<void>;
}

export const PUMP_ARRAY: MethodPlans<PumpArray> = {
  halt: { command: 'halt' },
  pumpVolume: { command: 'pump_volume', arguments: { speed: 'speed', useChannels: 'use_channels', volume: 'volume' } },
  runContinuously: { command: 'run_continuously', arguments: { speed: 'speed', useChannels: 'use_channels' } },
  runRevolutions: { command: 'run_revolutions', arguments: { revolutions: 'num_revolutions', useChannels: 'use_channels' } },
};
