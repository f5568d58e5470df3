// Values that machine methods take and give: places and shapes in space, temperature protocols, readings. Plain data.

import type { ContainerRef } from './labware.js';

/** In millimetres; what is left out is 0. */
export interface Coordinate {
  readonly x?: number;
  readonly y?: number;
  readonly z?: number;
}

/** In degrees; what is left out is 0. */
export interface Rotation {
  readonly x?: number;
  readonly y?: number;
  readonly z?: number;
}

/** Strokes of drawing and giving within one aspirate or dispense. */
export interface Mix {
  readonly volumeUl: number;
  readonly repetitions: number;
  readonly flowRateUlPerS: number;
  /** How far the tip follows the surface, where the machine can. */
  readonly surfaceFollowingDistanceMm?: number;
}

export type GripDirection = 'FRONT' | 'BACK' | 'LEFT' | 'RIGHT';

/** A powder by its name. */
export interface Powder {
  readonly name: string;
}

/** Temperatures of a thermocycler over time, one temperature per zone of its block. */
export interface Protocol {
  readonly stages: readonly Stage[];
}

export interface Stage {
  readonly steps: readonly Step[];
  readonly repeats: number;
}

export interface Step {
  readonly temperatureC: readonly number[];
  readonly holdS: number;
  readonly rateCPerS?: number;
}

/** Where an arm goes to, and how its elbow points on the way. */
export interface PreciseFlexCartesianCoords {
  readonly location: Coordinate;
  readonly rotation: Rotation;
  readonly orientation?: 'RIGHT' | 'LEFT';
}

/** Angle or length of each joint by its number. */
export type JointPosition = Readonly<Record<number, number>>;

/** From above, as onto a stack. */
export interface VerticalAccess {
  readonly approachHeightMm?: number;
  readonly clearanceMm?: number;
  readonly gripperOffsetMm?: number;
}

/** From the side, as into a hotel. */
export interface HorizontalAccess {
  readonly approachDistanceMm?: number;
  readonly clearanceMm?: number;
  readonly liftHeightMm?: number;
  readonly gripperOffsetMm?: number;
}

/** What a plate reader measured at one time: rows of the plate from A, columns from 1; null where it measured nothing. */
export interface PlateReading {
  /** Seconds since 1970. */
  readonly time: number;
  /** In °C; null where the reader has no sensor. */
  readonly temperature: number | null;
  readonly data: readonly (readonly (number | null)[])[];
}

/** Pictures stay where the bridge keeps them; this is what is said of them. */
export interface ImagingResult {
  readonly images: readonly unknown[];
  readonly exposure_time: number;
  readonly focal_height: number;
}

export interface Barcode {
  readonly data: string;
  readonly symbology: string;
  readonly position_on_resource: string;
}

/** A well by reference, or by row and column from 0. */
export type ImagedWell = ContainerRef | readonly [row: number, column: number];

/** One powder dispensed; machines may tell more than the amount. */
export interface DispensedPowder {
  readonly actual_amount: number;
}

/** A place where labware can stand: a site of a carrier, from 0. */
export interface Site {
  readonly $site: readonly [carrier: string, index: number];
}

/** Site `index` (from 0) of a carrier of the deck. */
export function site(carrier: string, index: number): Site {
  return { $site: [carrier, index] };
}
