// The Scale as a protocol drives it: PyLabRobot's methods as commands. Generated from the catalogue by
// tools/generate-machines.ts; do not edit.

import type { AnyMachine, MethodPlans } from '../machine-handle.js';

/** `read_weight`. */
export interface ScaleReadWeightBackend {
  readonly timeout?: 'stable' | number;
}

/** `tare`. */
export interface ScaleTareBackend {
  readonly timeout?: 'stable' | number;
}

/** `zero`. */
export interface ScaleZeroBackend {
  readonly timeout?: 'stable' | number;
}

export interface Scale extends AnyMachine {
  /** Read the current weight in grams. */
  readWeight(options?: { readonly backend?: ScaleReadWeightBackend }): Promise<number>;
  /** Reset the displayed weight to zero, storing the current weight as the tare value. */
  tare(options?: { readonly backend?: ScaleTareBackend }): Promise<void>;
  /** Calibrate the scale's zero point to the current load. */
  zero(options?: { readonly backend?: ScaleZeroBackend }): Promise<void>;
}

export const SCALE: MethodPlans<Scale> = {
  readWeight: { command: 'read_weight', takesBackend: true, result: 'number' },
  tare: { command: 'tare', takesBackend: true },
  zero: { command: 'zero', takesBackend: true },
};
