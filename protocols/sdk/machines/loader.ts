// The Loader as a protocol drives it: PyLabRobot's methods as commands. Generated from the catalogue by
// tools/generate-machines.ts; do not edit.

import type { AnyMachine, MethodPlans } from '../machine-handle.js';

export interface Loader extends AnyMachine {
  /** Load. */
  load(): Promise<void>;
  /** Unload. */
  unload(): Promise<void>;
}

export const LOADER: MethodPlans<Loader> = {
  load: { command: 'load' },
  unload: { command: 'unload' },
};
