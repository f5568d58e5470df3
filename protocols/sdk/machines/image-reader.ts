// The ImageReader as a protocol drives it: PyLabRobot's methods as commands. Generated from the catalogue by
// tools/generate-machines.ts; do not edit.

import type { MethodPlans } from '../machine-handle.js';
import { PLATE_READER, type PlateReader } from './plate-reader.js';
import { IMAGER, type Imager } from './imager.js';

export interface ImageReader extends PlateReader, Imager {}

export const IMAGE_READER: MethodPlans<ImageReader> = {
  ...PLATE_READER,
  ...IMAGER,
};
