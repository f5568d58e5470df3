// The TemperatureController as a protocol drives it: PyLabRobot's methods as commands. Generated from the catalogue by
// tools/generate-machines.ts; do not edit.

import type { AnyMachine, MethodPlans } from '../machine-handle.js';

export interface TemperatureController extends AnyMachine {
  /** Deactivate the temperature controller. */
  deactivate(): Promise<void>;
  /** Get the current temperature of the temperature controller in Celsius. */
  getTemperature(): Promise<number>;
  /** Set the temperature of the temperature controller. */
  setTemperature(options: { readonly temperatureC: number; readonly passive?: boolean }): Promise<void>;
  /** Wait for the temperature to reach the target temperature. */
  waitForTemperature(options?: { readonly timeoutS?: number; readonly toleranceC?: number }): Promise<void>;
}

export const TEMPERATURE_CONTROLLER: MethodPlans<TemperatureController> = {
  deactivate: { command: 'deactivate' },
  getTemperature: { command: 'get_temperature', result: 'number' },
  setTemperature: { command: 'set_temperature', arguments: { temperatureC: 'temperature', passive: 'passive' } },
  waitForTemperature: { command: 'wait_for_temperature', arguments: { timeoutS: 'timeout', toleranceC: 'tolerance' } },
};
