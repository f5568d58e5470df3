// The PowderDispenser as a protocol drives it: PyLabRobot's methods as commands. Generated from the catalogue by
// tools/generate-machines.ts; do not edit.

import type { ContainerRef, LabwareHandle } from '../labware.js';
import type { AnyMachine, MethodPlans } from '../machine-handle.js';
import type { DispensedPowder, Powder } from '../values.js';

export interface PowderDispenser extends AnyMachine {
  /** Dispense powders into containers with specified amounts and tolerances. */
  dispense(options: {
    readonly resources: LabwareHandle | ContainerRef | readonly (LabwareHandle | ContainerRef)[];
    readonly powders: Powder | readonly Powder[];
    readonly amountsMg: number | readonly number[];
  }): Promise<readonly DispensedPowder[]>;
}

export const POWDER_DISPENSER: MethodPlans<PowderDispenser> = {
  dispense: { command: 'dispense', arguments: { resources: 'resources', powders: 'powders', amountsMg: 'amounts' } },
};
