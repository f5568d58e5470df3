// The Pump as a protocol drives it: PyLabRobot's methods as commands. Generated from the catalogue by
// tools/generate-machines.ts; do not edit.

import type { AnyMachine, MethodPlans } from '../machine-handle.js';

export interface Pump extends AnyMachine {
  /** Halt the pump. */
  halt(): Promise<void>;
  /** Run the pump at specified speed for the specified volume. */
  pumpVolume(options: { readonly speed: number; readonly volume: number }): Promise<void>;
  /** Run continuously at a given speed. */
  runContinuously(options: { readonly speed: number }): Promise<void>;
  /** Run a given number of revolutions. */
  runRevolutions(options: { readonly revolutions: number }): Promise<void>;
}

export const PUMP: MethodPlans<Pump> = {
  halt: { command: 'halt' },
  pumpVolume: { command: 'pump_volume', arguments: { speed: 'speed', volume: 'volume' } },
  runContinuously: { command: 'run_continuously', arguments: { speed: 'speed' } },
  runRevolutions: { command: 'run_revolutions', arguments: { revolutions: 'num_revolutions' } },
};
