// What may be said of tip, liquid and gripper commands beside what they do. `backend` takes the arguments of the machine
// itself, in its own words; one that it does not know is refused before anything moves.

import type { NimbusAspirate, NimbusDispense, NimbusDropTips, NimbusPickUpTips } from './machines/nimbus-arguments.js';
import type {
  StarAspirate,
  StarAspirate96,
  StarDispense,
  StarDispense96,
  StarDropResource,
  StarDropTips,
  StarDropTips96,
  StarMovePickedUpResource,
  StarPickUpResource,
  StarPickUpTips,
  StarPickUpTips96,
} from './machines/star-arguments.js';
import type {
  VantageAspirate,
  VantageAspirate96,
  VantageDispense,
  VantageDispense96,
  VantageDropResource,
  VantageDropTips,
  VantageDropTips96,
  VantagePickUpResource,
  VantagePickUpTips,
  VantagePickUpTips96,
} from './machines/vantage-arguments.js';
import type { Coordinate, GripDirection, Mix } from './values.js';

/** One value for all containers or spots, or one for each. */
export type OneOrEach<T> = T | readonly T[];

export interface TipOptions {
  /** Channels from 0, one per spot; PyLabRobot's choice when left out. */
  readonly useChannels?: readonly number[];
  /** From the middle of the spot. */
  readonly offsetsMm?: OneOrEach<Coordinate>;
}

export interface PickUpTipOptions extends TipOptions {
  readonly backend?: StarPickUpTips | VantagePickUpTips | NimbusPickUpTips;
}

export interface DropTipOptions extends TipOptions {
  /** Drop tips that still hold liquid. Only discarding does so without being told. */
  readonly allowNonzeroVolume?: boolean;
  readonly backend?: StarDropTips | VantageDropTips | NimbusDropTips;
}

export interface LiquidOptions<B = LiquidBackend> extends TipOptions {
  readonly flowRatesUlPerS?: OneOrEach<number>;
  readonly liquidHeightMm?: OneOrEach<number>;
  readonly blowOutAirVolumeUl?: OneOrEach<number>;
  /** How channels that share a container keep apart. */
  readonly spread?: 'wide' | 'tight' | 'custom';
  /** Strokes within the command, which the machine does by itself. */
  readonly mix?: OneOrEach<Mix>;
  readonly backend?: B;
}

export type AspirateOptions = LiquidOptions<StarAspirate | VantageAspirate | NimbusAspirate>;
export type DispenseOptions = LiquidOptions<StarDispense | VantageDispense | NimbusDispense>;
/** What aspirate and dispense have in common. */
export type LiquidBackend = StarAspirate & StarDispense;

export interface TransferOptions {
  readonly aspirate?: AspirateOptions;
  readonly dispense?: DispenseOptions;
}

export interface MixOptions extends TransferOptions {
  readonly repetitions: number;
}

/** Of the 96-head: one value for all channels. */
interface HeadOptions {
  readonly offsetMm?: Coordinate;
}

export interface PickUpTips96Options extends HeadOptions {
  readonly backend?: StarPickUpTips96 | VantagePickUpTips96;
}

export interface DropTips96Options extends HeadOptions {
  readonly allowNonzeroVolume?: boolean;
  readonly backend?: StarDropTips96 | VantageDropTips96;
}

export interface DiscardTips96Options {
  readonly allowNonzeroVolume?: boolean;
  readonly backend?: StarDropTips96 | VantageDropTips96;
}

export interface Liquid96Options<B = StarAspirate96 & StarDispense96> extends HeadOptions {
  readonly flowRateUlPerS?: number;
  readonly liquidHeightMm?: number;
  readonly blowOutAirVolumeUl?: number;
  readonly mix?: Mix;
  readonly backend?: B;
}

export type Aspirate96Options = Liquid96Options<StarAspirate96 | VantageAspirate96>;
export type Dispense96Options = Liquid96Options<StarDispense96 | VantageDispense96>;

export interface PickUpResourceOptions {
  readonly offsetMm?: Coordinate;
  /** Where the gripper takes hold; the labware's own place, or 5 mm, when left out. */
  readonly pickupDistanceFromTopMm?: number;
  readonly direction?: GripDirection;
  readonly backend?: StarPickUpResource | VantagePickUpResource;
}

export interface MovePickedUpResourceOptions {
  readonly offsetMm?: Coordinate;
  readonly direction?: GripDirection;
  readonly backend?: StarMovePickedUpResource;
}

export interface DropResourceOptions {
  readonly offsetMm?: Coordinate;
  readonly direction?: GripDirection;
  readonly backend?: StarDropResource | VantageDropResource;
}

/** Of a move as a whole. */
export interface MoveOptions {
  readonly pickUp?: PickUpResourceOptions;
  readonly drop?: DropResourceOptions;
  /** Places on the way, each a command of its own. */
  readonly via?: readonly Coordinate[];
}
