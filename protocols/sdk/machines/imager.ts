// The Imager as a protocol drives it: PyLabRobot's methods as commands. Generated from the catalogue by
// tools/generate-machines.ts; do not edit.

import type { Json } from '../../../domain/json/json.js';
import type { ContainerRef } from '../labware.js';
import type { AnyMachine, MethodPlans } from '../machine-handle.js';
import type { ImagingResult } from '../values.js';

/** `capture`. */
export interface ImagerCaptureBackend {
  readonly led_intensity?: number;
  readonly coverage?: 'full' | readonly [number, number];
  readonly center_position?: readonly [number, number];
  readonly overlap?: number;
  readonly color_processing_algorithm?: number;
  readonly pixel_format?: number;
  readonly auto_stop_acquisition?: Json;
}

export interface Imager extends AnyMachine {
  /** Capture. */
  capture(options: {
    readonly well: ContainerRef | readonly [number, number];
    readonly mode: 'BRIGHTFIELD' | 'PHASE_CONTRAST' | 'COLOR_BRIGHTFIELD' | 'C377_647' | 'C400_647' | 'C469_593' | 'ACRIDINE_ORANGE'
      | 'CFP' | 'CFP_FRET_V2' | 'CFP_YFP_FRET' | 'CFP_YFP_FRET_V2' | 'CHLOROPHYLL_A' | 'CY5' | 'CY5_5' | 'CY7' | 'DAPI' | 'GFP' | 'GFP_CY5'
      | 'OXIDIZED_ROGFP2' | 'PROPOIDIUM_IODIDE' | 'RFP' | 'RFP_CY5' | 'TAG_BFP' | 'TEXAS_RED' | 'YFP' | 'FITC';
    readonly objective: 'O_40X_PL_APO' | 'O_60X_PL_FL' | 'O_4X_PL_FL' | 'O_20X_PL_FL_Phase' | 'O_40X_PL_FL_Phase' | 'O_2_5X_PL_ACH_Meiji'
      | 'O_10X_PL_FL_Phase' | 'O_1_25X_PL_APO' | 'O_10X_PL_FL' | 'O_60X_OIL_PL_FL' | 'O_4X_PL_ACH' | 'O_40X_PL_ACH' | 'O_40X_PL_FL'
      | 'O_2X_PL_ACH_Motic' | 'O_100X_OIL_PL_FL' | 'O_4X_PL_FL_Phase' | 'O_20X_PL_FL' | 'O_20X_PL_ACH' | 'O_2_5X_FL_Zeiss'
      | 'O_100X_OIL_PL_APO' | 'O_60X_OIL_PL_APO' | 'O_20X_PL_APO' | 'O_2_5X_N_PLAN';
    readonly exposureTimeMs?: number | 'machine-auto';
    readonly focalHeightMm?: number | 'machine-auto';
    readonly gain?: number | 'machine-auto';
    readonly backend?: ImagerCaptureBackend;
  }): Promise<ImagingResult>;
}

export const IMAGER: MethodPlans<Imager> = {
  capture: {
    command: 'capture',
    arguments: { well: 'well', mode: 'mode', objective: 'objective', exposureTimeMs: 'exposure_time', focalHeightMm: 'focal_height', gain: 'gain' },
    takesBackend: true,
  },
};
