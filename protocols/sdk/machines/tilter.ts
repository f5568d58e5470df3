// The Tilter as a protocol drives it: PyLabRobot's methods as commands. Generated from the catalogue by
// tools/generate-machines.ts; do not edit.

import type { AnyMachine, MethodPlans } from '../machine-handle.js';

export interface Tilter extends AnyMachine {
  /** Set the tilt module to rotate to a given angle. */
  setAngle(options: { readonly absoluteAngleDeg: number }): Promise<void>;
  /** Tilt the plate contained in the tilt module by a given angle relative to the current angle. */
  tilt(options: { readonly relativeAngleDeg: number }): Promise<void>;
}

export const TILTER: MethodPlans<Tilter> = {
  setAngle: { command: 'set_angle', arguments: { absoluteAngleDeg: 'absolute_angle' } },
  tilt: { command: 'tilt', arguments: { relativeAngleDeg: 'relative_angle' } },
};
