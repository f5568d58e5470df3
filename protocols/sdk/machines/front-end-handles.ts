// Handle and table of methods of every front end but the liquid handler. Generated from the catalogue by
// tools/generate-machines.ts; do not edit.

import type { MethodPlan } from '../machine-handle.js';
import { BARCODE_SCANNER, type BarcodeScanner } from './barcode-scanner.js';
import { CENTRIFUGE, type Centrifuge } from './centrifuge.js';
import { EXPERIMENTAL_SCARA, type ExperimentalSCARA } from './experimental-scara.js';
import { FAN, type Fan } from './fan.js';
import { HEATER_SHAKER, type HeaterShaker } from './heater-shaker.js';
import { IMAGE_READER, type ImageReader } from './image-reader.js';
import { IMAGER, type Imager } from './imager.js';
import { INCUBATOR, type Incubator } from './incubator.js';
import { INCUBATOR_SHAKER_STACK, type IncubatorShakerStack } from './incubator-shaker-stack.js';
import { LOADER, type Loader } from './loader.js';
import { PEELER, type Peeler } from './peeler.js';
import { PLATE_READER, type PlateReader } from './plate-reader.js';
import { POWDER_DISPENSER, type PowderDispenser } from './powder-dispenser.js';
import { PUMP, type Pump } from './pump.js';
import { PUMP_ARRAY, type PumpArray } from './pump-array.js';
import { SCALE, type Scale } from './scale.js';
import { SEALER, type Sealer } from './sealer.js';
import { SHAKER, type Shaker } from './shaker.js';
import { TEMPERATURE_CONTROLLER, type TemperatureController } from './temperature-controller.js';
import { THERMOCYCLER, type Thermocycler } from './thermocycler.js';
import { TILTER, type Tilter } from './tilter.js';

export interface FrontEndHandles {
  readonly BarcodeScanner: BarcodeScanner;
  readonly ByonoyAbsorbance96Automate: PlateReader;
  readonly ByonoyLuminescence96Automate: PlateReader;
  readonly Centrifuge: Centrifuge;
  readonly ExperimentalSCARA: ExperimentalSCARA;
  readonly Fan: Fan;
  readonly HamiltonTiltModule: Tilter;
  readonly HeaterShaker: HeaterShaker;
  readonly ImageReader: ImageReader;
  readonly Imager: Imager;
  readonly Incubator: Incubator;
  readonly IncubatorShakerStack: IncubatorShakerStack;
  readonly Loader: Loader;
  readonly OpentronsTemperatureModuleV2: TemperatureController;
  readonly OpentronsThermocyclerModuleV1: Thermocycler;
  readonly OpentronsThermocyclerModuleV2: Thermocycler;
  readonly Peeler: Peeler;
  readonly PlateReader: PlateReader;
  readonly PowderDispenser: PowderDispenser;
  readonly Pump: Pump;
  readonly PumpArray: PumpArray;
  readonly Scale: Scale;
  readonly Sealer: Sealer;
  readonly Shaker: Shaker;
  readonly TemperatureController: TemperatureController;
  readonly Thermocycler: Thermocycler;
  readonly Tilter: Tilter;
}

export const FRONT_END_PLANS: Readonly<Record<keyof FrontEndHandles, Readonly<Record<string, MethodPlan>>>> = {
  BarcodeScanner: BARCODE_SCANNER,
  ByonoyAbsorbance96Automate: PLATE_READER,
  ByonoyLuminescence96Automate: PLATE_READER,
  Centrifuge: CENTRIFUGE,
  ExperimentalSCARA: EXPERIMENTAL_SCARA,
  Fan: FAN,
  HamiltonTiltModule: TILTER,
  HeaterShaker: HEATER_SHAKER,
  ImageReader: IMAGE_READER,
  Imager: IMAGER,
  Incubator: INCUBATOR,
  IncubatorShakerStack: INCUBATOR_SHAKER_STACK,
  Loader: LOADER,
  OpentronsTemperatureModuleV2: TEMPERATURE_CONTROLLER,
  OpentronsThermocyclerModuleV1: THERMOCYCLER,
  OpentronsThermocyclerModuleV2: THERMOCYCLER,
  Peeler: PEELER,
  PlateReader: PLATE_READER,
  PowderDispenser: POWDER_DISPENSER,
  Pump: PUMP,
  PumpArray: PUMP_ARRAY,
  Scale: SCALE,
  Sealer: SEALER,
  Shaker: SHAKER,
  TemperatureController: TEMPERATURE_CONTROLLER,
  Thermocycler: THERMOCYCLER,
  Tilter: TILTER,
};

export type {
  BarcodeScanner,
  Centrifuge,
  ExperimentalSCARA,
  Fan,
  HeaterShaker,
  ImageReader,
  Imager,
  Incubator,
  IncubatorShakerStack,
  Loader,
  Peeler,
  PlateReader,
  PowderDispenser,
  Pump,
  PumpArray,
  Scale,
  Sealer,
  Shaker,
  TemperatureController,
  Thermocycler,
  Tilter,
};
