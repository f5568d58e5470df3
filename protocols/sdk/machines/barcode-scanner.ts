// The BarcodeScanner as a protocol drives it: PyLabRobot's methods as commands. Generated from the catalogue by
// tools/generate-machines.ts; do not edit.

import type { AnyMachine, MethodPlans } from '../machine-handle.js';
import type { Barcode } from '../values.js';

export interface BarcodeScanner extends AnyMachine {
  /** Scan a barcode and return its value. */
  scan(): Promise<Barcode>;
}

export const BARCODE_SCANNER: MethodPlans<BarcodeScanner> = {
  scan: { command: 'scan' },
};
