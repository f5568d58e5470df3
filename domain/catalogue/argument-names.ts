// How PyLabRobot's arguments are called in the SDK: camelCase, with the unit last. A number without an entry here has
// no unit; a test holds the table against the generated catalogue.

/** By argument, or by `FrontEnd.method.argument` where the same word means something else there. */
const UNITS: Readonly<Record<string, string>> = {
  absolute_angle: 'absoluteAngleDeg',
  amounts: 'amountsMg',
  block_max_volume: 'blockMaxVolumeUl',
  blow_out_air_volume: 'blowOutAirVolumeUl',
  duration: 'durationS',
  emission_wavelength: 'emissionNm',
  excitation_wavelength: 'excitationNm',
  exposure_time: 'exposureTimeMs',
  flow_rate: 'flowRateUlPerS',
  flow_rates: 'flowRatesUlPerS',
  focal_height: 'focalHeightMm',
  frequency: 'frequencyHz',
  g: 'gForce',
  gripper_width: 'gripperWidthMm',
  intensity: 'intensityPercent',
  liquid_height: 'liquidHeightMm',
  num_revolutions: 'revolutions',
  offset: 'offsetMm',
  offsets: 'offsetsMm',
  pickup_distance_from_top: 'pickupDistanceFromTopMm',
  plate_width: 'plateWidthMm',
  poll_interval: 'pollIntervalS',
  relative_angle: 'relativeAngleDeg',
  speed: 'speedRpm',
  target_temperature: 'targetTemperatureC',
  temperature: 'temperatureC',
  timeout: 'timeoutS',
  tip_rack: 'rack',
  tip_spots: 'spots',
  tolerance: 'toleranceC',
  vols: 'volumeUl',
  wavelength: 'wavelengthNm',
  x: 'xMm',
  y: 'yMm',
  z: 'zMm',
  'LiquidHandler.aspirate.resources': 'from',
  'LiquidHandler.aspirate96.resource': 'from',
  'LiquidHandler.aspirate96.volume': 'volumeUl',
  'LiquidHandler.dispense.resources': 'to',
  'LiquidHandler.dispense96.resource': 'to',
  'LiquidHandler.dispense96.volume': 'volumeUl',
  'LiquidHandler.drop_tips96.resource': 'rack',
  'LiquidHandler.pick_up_resource.resource': 'labware',
  // Pumps count in a unit of their own, after their calibration.
  'Pump.pump_volume.speed': 'speed',
  'Pump.run_continuously.speed': 'speed',
  'PumpArray.pump_volume.speed': 'speed',
  'PumpArray.run_continuously.speed': 'speed',
};

/** Arguments that count, name or choose, and so have no unit. */
export const WITHOUT_UNIT: ReadonlySet<string> = new Set(['channel', 'free_axes', 'gain', 'use_channels', 'volume']);

/** Fields of PyLabRobot's value classes, the SDK's name → theirs; all others keep their name. */
export const VALUE_FIELDS: Readonly<Record<string, string>> = {
  approachDistanceMm: 'approach_distance_mm',
  approachHeightMm: 'approach_height_mm',
  clearanceMm: 'clearance_mm',
  flowRateUlPerS: 'flow_rate',
  gripperOffsetMm: 'gripper_offset_mm',
  holdS: 'hold_seconds',
  liftHeightMm: 'lift_height_mm',
  rateCPerS: 'rate',
  surfaceFollowingDistanceMm: 'surface_following_distance',
  temperatureC: 'temperature',
  volumeUl: 'volume',
};

/** `focal_height` → `focalHeightMm`. */
export function toArgumentName(frontEnd: string, method: string, argument: string): string {
  return UNITS[`${frontEnd}.${method}.${argument}`] ?? UNITS[argument] ?? toCamelCase(argument);
}

export function hasUnit(argument: string): boolean {
  return Object.hasOwn(UNITS, argument);
}

export function toCamelCase(name: string): string {
  return name.replace(/_([a-z0-9])/gu, (_, letter: string) => letter.toUpperCase());
}
