// The machine front ends of the pinned PyLabRobot: what authors call them, and which may stand in for which.
// A test holds the table against the generated catalogue.

/** Builder of the SDK (`machine.plateReader()`) → front end. */
export const FRONT_ENDS = {
  arm: 'ExperimentalSCARA',
  barcodeScanner: 'BarcodeScanner',
  byonoyAbsorbance96Automate: 'ByonoyAbsorbance96Automate',
  byonoyLuminescence96Automate: 'ByonoyLuminescence96Automate',
  centrifuge: 'Centrifuge',
  fan: 'Fan',
  hamiltonTiltModule: 'HamiltonTiltModule',
  heaterShaker: 'HeaterShaker',
  imageReader: 'ImageReader',
  imager: 'Imager',
  incubator: 'Incubator',
  incubatorShakerStack: 'IncubatorShakerStack',
  liquidHandler: 'LiquidHandler',
  loader: 'Loader',
  opentronsTemperatureModuleV2: 'OpentronsTemperatureModuleV2',
  opentronsThermocyclerModuleV1: 'OpentronsThermocyclerModuleV1',
  opentronsThermocyclerModuleV2: 'OpentronsThermocyclerModuleV2',
  peeler: 'Peeler',
  plateReader: 'PlateReader',
  powderDispenser: 'PowderDispenser',
  pump: 'Pump',
  pumpArray: 'PumpArray',
  scale: 'Scale',
  sealer: 'Sealer',
  shaker: 'Shaker',
  temperatureController: 'TemperatureController',
  thermocycler: 'Thermocycler',
  tilter: 'Tilter',
} as const;

export type MachineBuilder = keyof typeof FRONT_ENDS;
export type FrontEnd = (typeof FRONT_ENDS)[MachineBuilder];

/** Front ends that can do all that others can, PyLabRobot's base classes of each. */
const BASES: Readonly<Record<string, readonly FrontEnd[]>> = {
  ByonoyAbsorbance96Automate: ['PlateReader'],
  ByonoyLuminescence96Automate: ['PlateReader'],
  HamiltonTiltModule: ['Tilter'],
  HeaterShaker: ['TemperatureController', 'Shaker'],
  ImageReader: ['PlateReader', 'Imager'],
  OpentronsTemperatureModuleV2: ['TemperatureController'],
  OpentronsThermocyclerModuleV1: ['Thermocycler'],
  OpentronsThermocyclerModuleV2: ['Thermocycler'],
};

/** The front ends behind `frontEnd`, itself first. */
export function listFrontEnds(frontEnd: string): readonly string[] {
  return [frontEnd, ...(Object.hasOwn(BASES, frontEnd) ? (BASES[frontEnd] ?? []) : [])];
}

/** Whether a machine may be given where `wanted` is asked for: a HeaterShaker is a Shaker. */
export function isFrontEnd(frontEnd: string, wanted: string): boolean {
  return listFrontEnds(frontEnd).includes(wanted);
}

/** Front ends that may be given where `wanted` is asked for, itself first. */
export function listStandIns(wanted: string): readonly string[] {
  return [wanted, ...Object.values(FRONT_ENDS).filter((frontEnd) => frontEnd !== wanted && isFrontEnd(frontEnd, wanted))];
}
