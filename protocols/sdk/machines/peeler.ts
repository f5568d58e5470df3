// The Peeler as a protocol drives it: PyLabRobot's methods as commands. Generated from the catalogue by
// tools/generate-machines.ts; do not edit.

import type { AnyMachine, MethodPlans } from '../machine-handle.js';

/** `peel`. */
export interface PeelerPeelBackend {
  readonly begin_location?: -2 | 0 | 2 | 4;
  readonly fast?: boolean;
  readonly adhere_time?: number;
}

export interface Peeler extends AnyMachine {
  /** Peel. */
  peel(options?: { readonly backend?: PeelerPeelBackend }): Promise<void>;
  /** Restart. */
  restart(): Promise<void>;
}

export const PEELER: MethodPlans<Peeler> = {
  peel: { command: 'peel', takesBackend: true },
  restart: { command: 'restart' },
};
