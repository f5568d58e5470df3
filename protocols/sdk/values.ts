// Values that machine methods take and give: places and shapes in space, temperature protocols, readings. Plain data,
// written as types and not as interfaces, so that they count as JSON and can be kept.

import type { Json } from '../../domain/json/json.js';

/** In millimetres; what is left out is 0. */
export type Coordinate = {
  readonly x?: number;
  readonly y?: number;
  readonly z?: number;
};

/** In degrees; what is left out is 0. */
export type Rotation = {
  readonly x?: number;
  readonly y?: number;
  readonly z?: number;
};

/** Strokes of drawing and giving within one aspirate or dispense. */
export type Mix = {
  readonly volumeUl: number;
  readonly repetitions: number;
  readonly flowRateUlPerS: number;
  /** How far the tip follows the surface, where the machine can. */
  readonly surfaceFollowingDistanceMm?: number;
};

export type GripDirection = 'FRONT' | 'BACK' | 'LEFT' | 'RIGHT';

/** A powder by its name. */
export type Powder = {
  readonly name: string;
};

/** Temperatures of a thermocycler over time, one temperature per zone of its block. */
export type TemperatureProtocol = {
  readonly stages: readonly TemperatureStage[];
};

export type TemperatureStage = {
  readonly steps: readonly TemperatureStep[];
  readonly repeats: number;
};

export type TemperatureStep = {
  readonly temperatureC: readonly number[];
  readonly holdS: number;
  readonly rateCPerS?: number;
};

/** Where an arm goes to, and how its elbow points on the way. */
export type ArmPosition = {
  readonly location: Coordinate;
  readonly rotation: Rotation;
  readonly orientation?: 'RIGHT' | 'LEFT';
};

/** Angle or length of each joint by its number. */
export type JointPosition = Readonly<Record<number, number>>;

/** From above, as onto a stack. */
export type VerticalAccess = {
  readonly approachHeightMm?: number;
  readonly clearanceMm?: number;
  readonly gripperOffsetMm?: number;
};

/** From the side, as into a hotel. */
export type HorizontalAccess = {
  readonly approachDistanceMm?: number;
  readonly clearanceMm?: number;
  readonly liftHeightMm?: number;
  readonly gripperOffsetMm?: number;
};

/** What a plate reader measured at one time: rows of the plate from A, columns from 1; null where it measured nothing. */
export type PlateReading = {
  /** Seconds since 1970. */
  readonly time: number;
  /** In °C; null where the reader has no sensor. */
  readonly temperature: number | null;
  readonly data: readonly (readonly (number | null)[])[];
};

/** Pictures stay where the bridge keeps them; this is what is said of them. */
export type ImagingResult = {
  readonly images: readonly Json[];
  readonly exposure_time: number;
  readonly focal_height: number;
};

export type Barcode = {
  readonly data: string;
  readonly symbology: string;
  readonly position_on_resource: string;
};

/** One powder dispensed; machines may tell more than the amount. */
export type DispensedPowder = {
  readonly actual_amount: number;
};

/** A place where labware can stand: a site of a carrier, from 0. */
export type Site = {
  readonly $site: readonly [carrier: string, index: number];
};

/** Site `index` (from 0) of a carrier of the deck. */
export function site(carrier: string, index: number): Site {
  return { $site: [carrier, index] };
}
