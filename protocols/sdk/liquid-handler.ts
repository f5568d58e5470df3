// The liquid handler as a protocol drives it: typed methods that become commands by PyLabRobot's names.

import type { Json, JsonObject } from '../../domain/json.js';
import type { BoundAsset } from '../../domain/run.js';
import { LabError } from '../../domain/error.js';
import type { ContainerRef, TipSpotRef, Trough } from './labware.js';

/** Sends one command and waits for its end. Defined failures are LabErrors that a protocol may catch. */
export type SendCommand = (method: string, given: JsonObject) => Promise<Json>;

export interface TipOptions {
  /** Channels from 0, one per spot; PyLabRobot's choice when left out. */
  readonly useChannels?: readonly number[];
}

export interface LiquidOptions extends TipOptions {
  /** Each in the unit named, one value for all channels or one per container. */
  readonly flowRatesUlPerS?: number | readonly number[];
  readonly liquidHeightMm?: number | readonly number[];
  readonly blowOutAirVolumeUl?: number | readonly number[];
}

export type Containers = Trough | readonly ContainerRef[];

export interface LiquidHandler {
  readonly asset: BoundAsset;
  readonly name: string;
  /** Afterwards the channels hold the tips. TIP_MISSING where a spot is empty, TIP_PRESENT where a channel is taken. */
  pickUpTips(spots: readonly TipSpotRef[], options?: TipOptions): Promise<void>;
  /** Afterwards the tips stand in the spots. */
  dropTips(spots: readonly TipSpotRef[], options?: TipOptions): Promise<void>;
  /** Puts the mounted tips back where they came from. */
  returnTips(options?: TipOptions): Promise<void>;
  /** Drops the mounted tips, with what is in them, into the trash. */
  discardTips(options?: TipOptions): Promise<void>;
  /** Draws volumes in µL, one for all or one per container. TOO_LITTLE_LIQUID, TOO_LITTLE_ROOM, TIP_MISSING. */
  aspirate(from: Containers, volumeUl: number | readonly number[], options?: LiquidOptions): Promise<void>;
  /** Gives volumes in µL, one for all or one per container. TOO_LITTLE_LIQUID, TOO_LITTLE_ROOM. */
  dispense(to: Containers, volumeUl: number | readonly number[], options?: LiquidOptions): Promise<void>;
}

export function createLiquidHandler(asset: BoundAsset, send: SendCommand): LiquidHandler {
  const act = async (method: string, given: JsonObject): Promise<void> => {
    await send(method, given);
  };
  return Object.freeze<LiquidHandler>({
    asset,
    name: asset.name,
    pickUpTips: (spots, options) => act('pick_up_tips', { tip_spots: spots, ...toChannels(options) }),
    dropTips: (spots, options) => act('drop_tips', { tip_spots: spots, ...toChannels(options) }),
    returnTips: (options) => act('return_tips', toChannels(options)),
    discardTips: (options) => act('discard_tips', toChannels(options)),
    aspirate: (from, volumeUl, options) => act('aspirate', toLiquidArguments(from, volumeUl, options)),
    dispense: (to, volumeUl, options) => act('dispense', toLiquidArguments(to, volumeUl, options)),
  });
}

function toChannels(options: TipOptions | undefined): JsonObject {
  return options?.useChannels === undefined ? {} : { use_channels: options.useChannels };
}

function toLiquidArguments(containers: Containers, volumeUl: number | readonly number[], options: LiquidOptions = {}): JsonObject {
  const resources = 'container' in containers ? [containers.container] : containers;
  const count = Array.isArray(volumeUl) && 'container' in containers ? volumeUl.length : resources.length;
  const spread = (value: number | readonly number[], name: string): readonly number[] => toOnePerContainer(value, { count, name });
  return {
    resources: resources.length === count ? resources : Array.from({ length: count }, () => resources[0] as ContainerRef),
    vols: spread(volumeUl, 'volumeUl'),
    ...toChannels(options),
    ...(options.flowRatesUlPerS === undefined ? {} : { flow_rates: spread(options.flowRatesUlPerS, 'flowRatesUlPerS') }),
    ...(options.liquidHeightMm === undefined ? {} : { liquid_height: spread(options.liquidHeightMm, 'liquidHeightMm') }),
    ...(options.blowOutAirVolumeUl === undefined ? {} : { blow_out_air_volume: spread(options.blowOutAirVolumeUl, 'blowOutAirVolumeUl') }),
  };
}

function toOnePerContainer(value: number | readonly number[], { count, name }: { count: number; name: string }): readonly number[] {
  const values = typeof value === 'number' ? Array.from({ length: count }, () => value) : value;
  if (values.length !== count) {
    throw new LabError('BAD_ARGUMENTS', { message: `${name} has ${values.length} values for ${count} containers; give one value, or one per container.` });
  }
  for (const each of values) {
    if (!Number.isFinite(each) || each < 0) throw new LabError('BAD_ARGUMENTS', { message: `${name} must be 0 or more, not ${each}.` });
  }
  return values;
}
