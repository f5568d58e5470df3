// The Sealer as a protocol drives it: PyLabRobot's methods as commands. Generated from the catalogue by
// tools/generate-machines.ts; do not edit.

import type { AnyMachine, MethodPlans } from '../machine-handle.js';

export interface Sealer extends AnyMachine {
  /** Close. */
  close(): Promise<void>;
  /** Get the current temperature of the sealer in degrees Celsius. */
  getTemperature(): Promise<number>;
  /** Open. */
  open(): Promise<void>;
  /** Seal. */
  seal(options: { readonly temperatureC: number; readonly durationS: number }): Promise<void>;
  /** Set the temperature of the sealer in degrees Celsius. */
  setTemperature(options: { readonly temperatureC: number }): Promise<void>;
}

export const SEALER: MethodPlans<Sealer> = {
  close: { command: 'close' },
  getTemperature: { command: 'get_temperature', result: 'number' },
  open: { command: 'open' },
  seal: { command: 'seal', arguments: { temperatureC: 'temperature', durationS: 'duration' } },
  setTemperature: { command: 'set_temperature', arguments: { temperatureC: 'temperature' } },
};
