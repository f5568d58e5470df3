// The Centrifuge as a protocol drives it: PyLabRobot's methods as commands. Generated from the catalogue by
// tools/generate-machines.ts; do not edit.

import type { AnyMachine, MethodPlans } from '../machine-handle.js';

/** `spin`. */
export interface CentrifugeSpinBackend {
  /** Needed by CentrifugeChatterboxBackend. */
  readonly acceleration?: number;
  readonly deceleration?: number;
}

export interface Centrifuge extends AnyMachine {
  /** Close door. */
  closeDoor(): Promise<void>;
  /** Go to bucket1. */
  goToBucket1(): Promise<void>;
  /** Go to bucket2. */
  goToBucket2(): Promise<void>;
  /** Lock bucket. */
  lockBucket(): Promise<void>;
  /** Lock door. */
  lockDoor(): Promise<void>;
  /** Open door. */
  openDoor(): Promise<void>;
  /** Starts a spin cycle. */
  spin(options: { readonly gForce: number; readonly durationS: number; readonly backend?: CentrifugeSpinBackend }): Promise<void>;
  /** Unlock bucket. */
  unlockBucket(): Promise<void>;
  /** Unlock door. */
  unlockDoor(): Promise<void>;
}

export const CENTRIFUGE: MethodPlans<Centrifuge> = {
  closeDoor: { command: 'close_door' },
  goToBucket1: { command: 'go_to_bucket1' },
  goToBucket2: { command: 'go_to_bucket2' },
  lockBucket: { command: 'lock_bucket' },
  lockDoor: { command: 'lock_door' },
  openDoor: { command: 'open_door' },
  spin: { command: 'spin', arguments: { gForce: 'g', durationS: 'duration' }, takesBackend: true },
  unlockBucket: { command: 'unlock_bucket' },
  unlockDoor: { command: 'unlock_door' },
};
