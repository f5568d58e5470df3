// From what an author gives to a liquid handler to the arguments of PyLabRobot: one value per container or spot, volumes
// and counts checked before anything is sent.

import { toCamelCase } from '../../domain/catalogue/argument-names.js';
import { LabError } from '../../domain/errors/error.js';
import type { Json, JsonObject } from '../../domain/json/json.js';
import type { ContainerRef, TipSpotRef, Trough } from './labware.js';
import type { OneOrEach, TipOptions } from './liquid-options.js';
import { requireKnown } from './known-options.js';
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

type OptionNames = Readonly<Record<string, string>>;

const TIPS: OptionNames = { useChannels: 'use_channels', offsetsMm: 'offsets' };
const DROP: OptionNames = { ...TIPS, allowNonzeroVolume: 'allow_nonzero_volume' };
const LIQUID: OptionNames = {
  ...TIPS,
  flowRatesUlPerS: 'flow_rates',
  liquidHeightMm: 'liquid_height',
  blowOutAirVolumeUl: 'blow_out_air_volume',
  spread: 'spread',
  mix: 'mix',
};
const HEAD: OptionNames = { offsetMm: 'offset' };
const HEAD_DROP: OptionNames = { ...HEAD, allowNonzeroVolume: 'allow_nonzero_volume' };
const HEAD_LIQUID: OptionNames = {
  ...HEAD,
  flowRateUlPerS: 'flow_rate',
  liquidHeightMm: 'liquid_height',
  blowOutAirVolumeUl: 'blow_out_air_volume',
  mix: 'mix',
};
const GRIP: OptionNames = { ...HEAD, direction: 'direction' };

/** Method → its options beside `backend`: the author's name → PyLabRobot's. A test holds the table against the catalogue. */
export const LIQUID_HANDLER_OPTIONS = {
  pick_up_tips: TIPS,
  drop_tips: DROP,
  return_tips: DROP,
  discard_tips: DROP,
  aspirate: LIQUID,
  dispense: LIQUID,
  pick_up_tips96: HEAD,
  drop_tips96: HEAD_DROP,
  return_tips96: HEAD_DROP,
  discard_tips96: { allowNonzeroVolume: 'allow_nonzero_volume' },
  aspirate96: HEAD_LIQUID,
  dispense96: HEAD_LIQUID,
  pick_up_resource: { ...GRIP, pickupDistanceFromTopMm: 'pickup_distance_from_top' },
  move_picked_up_resource: GRIP,
  drop_resource: GRIP,
} as const satisfies Readonly<Record<string, OptionNames>>;

type Optioned = keyof typeof LIQUID_HANDLER_OPTIONS;

const COORDINATE_FIELDS = ['x', 'y', 'z'];
const MIX_FIELDS = ['volumeUl', 'repetitions', 'flowRateUlPerS', 'surfaceFollowingDistanceMm'];
const MIX_ORIGINALS = ['volume', 'repetitions', 'flow_rate', 'surface_following_distance'];

/** Options of the 96-head and of the gripper: one value for the whole command. */
export function toSingleArguments(method: Optioned, options: object = {}): JsonObject {
  requireOptions(method, options);
  const names: OptionNames = LIQUID_HANDLER_OPTIONS[method];
  const sent: Record<string, Json> = {};
  for (const [name, value] of Object.entries(options)) {
    if (value === undefined) continue;
    if (name === 'backend') Object.assign(sent, value);
    else sent[names[name] as string] = toWireValue(value);
  }
  return sent;
}

/** `spots` are left out where the machine knows them. */
export function toTipArguments(method: Optioned, options: TipArguments = {}, spots?: readonly TipSpotRef[]): JsonObject {
  requireOptions(method, options);
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

interface Liquid {
  readonly containers: Containers;
  readonly volumeUl: OneOrEach<number>;
}

export function toLiquidArguments(
  method: 'aspirate' | 'dispense',
  { containers, volumeUl }: Liquid,
  options: LiquidArguments = {},
): JsonObject {
  requireOptions(method, options);
  const resources = 'container' in containers ? [containers.container] : containers;
  const count = Array.isArray(volumeUl) && 'container' in containers ? volumeUl.length : resources.length;
  const { flowRatesUlPerS, liquidHeightMm, blowOutAirVolumeUl, spread, mix, ...tips } = options;
  return {
    resources: resources.length === count ? resources : Array.from({ length: count }, () => resources[0] as ContainerRef),
    vols: toVolumes(volumeUl, { count, name: 'volumeUl' }),
    ...toTipArguments(method, toEachOffset(tips, count)),
    ...(flowRatesUlPerS === undefined ? {} : { flow_rates: toEach(flowRatesUlPerS, { count, name: 'flowRatesUlPerS' }) }),
    ...(liquidHeightMm === undefined ? {} : { liquid_height: toEach(liquidHeightMm, { count, name: 'liquidHeightMm' }) }),
    ...(blowOutAirVolumeUl === undefined
      ? {}
      : { blow_out_air_volume: toVolumes(blowOutAirVolumeUl, { count, name: 'blowOutAirVolumeUl' }) }),
    ...(spread === undefined ? {} : { spread }),
    ...(mix === undefined ? {} : { mix: toEach(mix, { count, name: 'mix' }).map(toWireValue) }),
  };
}

/** Options of a method that is made of several commands. Throws BAD_ARGUMENTS as `requireKnown`. */
export function requireCompositeOptions(method: string, options: unknown, names: readonly string[]): void {
  requireKnown(options, { of: `${method}()`, as: 'option', names });
}

function requireOptions(method: Optioned, options: object): void {
  const known = LIQUID_HANDLER_OPTIONS[method];
  const of = `${toCamelCase(method)}()`;
  requireKnown(options, { of, as: 'option', names: [...Object.keys(known), 'backend'], originals: Object.values(known) });
  const { mix, offsetMm, offsetsMm } = options as Readonly<Record<string, unknown>>;
  for (const each of [mix].flat()) requireKnown(each, { of: `mix of ${of}`, as: 'field', names: MIX_FIELDS, originals: MIX_ORIGINALS });
  for (const each of [offsetMm, offsetsMm].flat()) requireKnown(each, { of: `an offset of ${of}`, as: 'field', names: COORDINATE_FIELDS });
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
