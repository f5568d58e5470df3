// From what an author gives to a liquid handler to the arguments of PyLabRobot: one value per container or spot, volumes
// and counts checked before anything is sent.

import { LabError } from '../../domain/errors/error.js';
import type { Json, JsonObject } from '../../domain/json/json.js';
import type { ContainerRef, TipSpotRef, Trough } from './labware.js';
import type { OneOrEach, TipOptions } from './liquid-options.js';
import { toWireValue } from './machine-handle.js';
import type { Coordinate, Mix } from './values.js';

export type Containers = Trough | readonly ContainerRef[];

interface TipArguments extends TipOptions {
  readonly allowNonzeroVolume?: boolean;
  readonly backend?: object;
}

interface LiquidArguments extends TipArguments {
  readonly flowRatesUlPerS?: OneOrEach<number>;
  readonly liquidHeightMm?: OneOrEach<number>;
  readonly blowOutAirVolumeUl?: OneOrEach<number>;
  readonly spread?: string;
  readonly mix?: OneOrEach<Mix>;
}

/** Author's name → PyLabRobot's, of options that have one value for the whole command. */
const SINGLE: Readonly<Record<string, string>> = {
  allowNonzeroVolume: 'allow_nonzero_volume',
  blowOutAirVolumeUl: 'blow_out_air_volume',
  direction: 'direction',
  flowRateUlPerS: 'flow_rate',
  liquidHeightMm: 'liquid_height',
  mix: 'mix',
  offsetMm: 'offset',
  pickupDistanceFromTopMm: 'pickup_distance_from_top',
};

/** Options of the 96-head and of the gripper. */
export function toSingleArguments(options: object = {}): JsonObject {
  const sent: Record<string, Json> = {};
  for (const [name, value] of Object.entries(options)) {
    if (value === undefined) continue;
    if (name === 'backend') Object.assign(sent, value);
    else if (Object.hasOwn(SINGLE, name)) sent[SINGLE[name] as string] = toWireValue(value);
    else throw new LabError('BAD_ARGUMENTS', { message: `There is no option '${name}'; there are: ${Object.keys(SINGLE).join(', ')}.` });
  }
  return sent;
}

/** `count` is that of the spots; undefined where the machine knows them. */
export function toTipArguments(options: TipArguments = {}, spots?: readonly TipSpotRef[]): JsonObject {
  const { useChannels, offsetsMm, allowNonzeroVolume, backend } = options;
  return {
    ...(spots === undefined ? {} : { tip_spots: spots }),
    ...(useChannels === undefined ? {} : { use_channels: useChannels }),
    ...(offsetsMm === undefined
      ? {}
      : { offsets: toEach(offsetsMm, { count: spots?.length ?? useChannels?.length, name: 'offsetsMm' }).map(toWireValue) }),
    ...(allowNonzeroVolume === undefined ? {} : { allow_nonzero_volume: allowNonzeroVolume }),
    ...(backend as JsonObject | undefined),
  };
}

export function toLiquidArguments(containers: Containers, volumeUl: OneOrEach<number>, options: LiquidArguments = {}): JsonObject {
  const resources = 'container' in containers ? [containers.container] : containers;
  const count = Array.isArray(volumeUl) && 'container' in containers ? volumeUl.length : resources.length;
  const { flowRatesUlPerS, liquidHeightMm, blowOutAirVolumeUl, spread, mix, ...tips } = options;
  return {
    resources: resources.length === count ? resources : Array.from({ length: count }, () => resources[0] as ContainerRef),
    vols: toVolumes(volumeUl, { count, name: 'volumeUl' }),
    ...toTipArguments(toEachOffset(tips, count)),
    ...(flowRatesUlPerS === undefined ? {} : { flow_rates: toVolumes(flowRatesUlPerS, { count, name: 'flowRatesUlPerS' }) }),
    ...(liquidHeightMm === undefined ? {} : { liquid_height: toVolumes(liquidHeightMm, { count, name: 'liquidHeightMm' }) }),
    ...(blowOutAirVolumeUl === undefined
      ? {}
      : { blow_out_air_volume: toVolumes(blowOutAirVolumeUl, { count, name: 'blowOutAirVolumeUl' }) }),
    ...(spread === undefined ? {} : { spread }),
    ...(mix === undefined ? {} : { mix: toEach(mix, { count, name: 'mix' }).map(toWireValue) }),
  };
}

/** A volume that is no volume stops here, and not in the machine. */
export function requireVolume(volumeUl: number, name = 'volumeUl'): number {
  if (Number.isFinite(volumeUl) && volumeUl >= 0) return volumeUl;
  throw new LabError('BAD_ARGUMENTS', { message: `${name} must be 0 or more, not ${volumeUl}.` });
}

export function requireCount(count: number, name: string): number {
  if (Number.isSafeInteger(count) && count >= 0) return count;
  throw new LabError('BAD_ARGUMENTS', { message: `${name} must be a whole number from 0, not ${count}.` });
}

function toEachOffset(options: TipArguments, count: number): TipArguments {
  const { offsetsMm } = options;
  return offsetsMm === undefined ? options : { ...options, offsetsMm: toEach<Coordinate>(offsetsMm, { count, name: 'offsetsMm' }) };
}

function toVolumes(value: OneOrEach<number>, wanted: { readonly count: number; readonly name: string }): readonly number[] {
  return toEach(value, wanted).map((each) => requireVolume(each, wanted.name));
}

function toEach<T>(value: OneOrEach<T>, { count, name }: { readonly count: number | undefined; readonly name: string }): readonly T[] {
  const values = isEach(value) ? value : Array.from({ length: count ?? 1 }, () => value);
  if (count !== undefined && values.length !== count) {
    throw new LabError('BAD_ARGUMENTS', {
      message: `${name} has ${values.length} values for ${count} containers; give one value, or one per container.`,
    });
  }
  return values;
}

/** Array.isArray does not narrow a readonly array out of a union with a type parameter. */
function isEach<T>(value: OneOrEach<T>): value is readonly T[] {
  return Array.isArray(value);
}
