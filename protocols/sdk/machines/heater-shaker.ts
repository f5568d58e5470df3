// The HeaterShaker as a protocol drives it: PyLabRobot's methods as commands. Generated from the catalogue by
// tools/generate-machines.ts; do not edit.

import type { MethodPlans } from '../machine-handle.js';
import { TEMPERATURE_CONTROLLER, type TemperatureController } from './temperature-controller.js';
import { SHAKER, type Shaker } from './shaker.js';

export interface HeaterShaker extends TemperatureController, Shaker {}

export const HEATER_SHAKER: MethodPlans<HeaterShaker> = {
  ...TEMPERATURE_CONTROLLER,
  ...SHAKER,
};
