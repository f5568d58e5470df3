// The Fan as a protocol drives it: PyLabRobot's methods as commands. Generated from the catalogue by
// tools/generate-machines.ts; do not edit.

import type { AnyMachine, MethodPlans } from '../machine-handle.js';

export interface Fan extends AnyMachine {
  /** Turn the fan off, but do not close the connection. */
  turnOff(): Promise<void>;
  /** Run the fan. */
  turnOn(options: { readonly intensityPercent: number }): Promise<void>;
}

export const FAN: MethodPlans<Fan> = {
  turnOff: { command: 'turn_off' },
  turnOn: { command: 'turn_on', arguments: { intensityPercent: 'intensity' } },
};
