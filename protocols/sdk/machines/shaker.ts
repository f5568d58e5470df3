// The Shaker as a protocol drives it: PyLabRobot's methods as commands. Generated from the catalogue by
// tools/generate-machines.ts; do not edit.

import type { AnyMachine, MethodPlans } from '../machine-handle.js';

/** `shake`. */
export interface ShakerShakeBackend {
  readonly acceleration?: number;
  readonly direction?: 0 | 1;
  readonly timeout?: number;
  readonly shape?: number;
}

/** `stop_shaking`. */
export interface ShakerStopShakingBackend {
  readonly deceleration?: number;
}

export interface Shaker extends AnyMachine {
  /** Lock plate. */
  lockPlate(): Promise<void>;
  /** Shake the shaker at the given speed. */
  shake(options: { readonly speedRpm: number; readonly backend?: ShakerShakeBackend }): Promise<void>;
  /** Stop shaking. */
  stopShaking(options?: { readonly backend?: ShakerStopShakingBackend }): Promise<void>;
  /** Unlock plate. */
  unlockPlate(): Promise<void>;
}

export const SHAKER: MethodPlans<Shaker> = {
  lockPlate: { command: 'lock_plate' },
  shake: { command: 'shake', arguments: { speedRpm: 'speed' }, takesBackend: true },
  stopShaking: { command: 'stop_shaking', takesBackend: true },
  unlockPlate: { command: 'unlock_plate' },
};
