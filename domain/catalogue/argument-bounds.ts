// Between which values the numbers of a command may lie: what no machine of the kind can take, so that a slip of the pen is
// told before anything moves. A single machine may take less; that it says itself.

import { LabError } from '../errors/error.js';
import { isJsonArray, isJsonObject, type Json, type JsonObject } from '../json/json.js';
import { VALUE_FIELDS } from './argument-names.js';

export interface Bounds {
  readonly min: number;
  readonly max: number;
  /** The least value itself is refused: a flow of 0 never ends. */
  readonly isAboveMin?: true;
}

/** By the path of a number in PyLabRobot's words: `vols`, `mix.flow_rate`. What has no path of its own has that of its owner. */
export type ArgumentBounds = Readonly<Record<string, Bounds>>;

const DAYS_7_S = 604_800;
/** Of the largest tip that a channel takes. */
const CHANNEL_UL: Bounds = { min: 0, max: 5_000 };
const FLOW_UL_PER_S: Bounds = { min: 0, max: 5_000, isAboveMin: true };
const HEIGHT_MM: Bounds = { min: 0, max: 300 };
/** Of the longest decks and rails. */
const PLACE_MM: Bounds = { min: -5_000, max: 5_000 };
const SIDEWAYS_MM: Bounds = { min: -100, max: 100 };
const UP_OR_DOWN_MM: Bounds = { min: -20, max: 150 };
const WAVELENGTH_NM: Bounds = { min: 180, max: 1_200 };
const CHANNEL_NUMBER: Bounds = { min: 0, max: 95 };
const TEMPERATURE_C: Bounds = { min: -30, max: 130 };

/** What an argument of this name may be in every method; a policy names what is different in its own. */
export const ARGUMENT_BOUNDS: ArgumentBounds = {
  absolute_angle: { min: -90, max: 90 },
  access: { min: -500, max: 500 },
  amounts: { min: 0, max: 1_000_000, isAboveMin: true },
  block_max_volume: { min: 0, max: 500, isAboveMin: true },
  blow_out_air_volume: CHANNEL_UL,
  channel: CHANNEL_NUMBER,
  destination: PLACE_MM,
  duration: { min: 0, max: DAYS_7_S },
  emission_wavelength: WAVELENGTH_NM,
  excitation_wavelength: WAVELENGTH_NM,
  exposure_time: { min: 0, max: 600_000, isAboveMin: true },
  flow_rate: FLOW_UL_PER_S,
  flow_rates: FLOW_UL_PER_S,
  focal_height: { min: 0, max: 50 },
  free_axes: { min: 0, max: 20 },
  frequency: { min: 0, max: 50, isAboveMin: true },
  g: { min: 0, max: 30_000, isAboveMin: true },
  gain: { min: 0, max: 10_000 },
  gripper_width: { min: 0, max: 300 },
  intensity: { min: 0, max: 100 },
  liquid_height: HEIGHT_MM,
  'mix.flow_rate': FLOW_UL_PER_S,
  'mix.repetitions': { min: 0, max: 200 },
  'mix.surface_following_distance': HEIGHT_MM,
  'mix.volume': CHANNEL_UL,
  num_revolutions: { min: 0, max: 1_000_000 },
  'offset.x': SIDEWAYS_MM,
  'offset.y': SIDEWAYS_MM,
  'offset.z': UP_OR_DOWN_MM,
  'offsets.x': SIDEWAYS_MM,
  'offsets.y': SIDEWAYS_MM,
  'offsets.z': UP_OR_DOWN_MM,
  pickup_distance_from_top: { min: 0, max: 200 },
  plate_width: { min: 0, max: 300 },
  poll_interval: { min: 0, max: 3_600, isAboveMin: true },
  position: PLACE_MM,
  'protocol.stages.repeats': { min: 1, max: 10_000 },
  'protocol.stages.steps.hold_seconds': { min: 0, max: DAYS_7_S },
  'protocol.stages.steps.rate': { min: 0, max: 50, isAboveMin: true },
  'protocol.stages.steps.temperature': { min: -10, max: 120 },
  relative_angle: { min: -180, max: 180 },
  speed: { min: 0, max: 100_000 },
  target_temperature: TEMPERATURE_C,
  temperature: TEMPERATURE_C,
  timeout: { min: 0, max: DAYS_7_S },
  to: PLACE_MM,
  tolerance: { min: 0, max: 50 },
  use_channels: CHANNEL_NUMBER,
  vols: CHANNEL_UL,
  volume: CHANNEL_UL,
  wavelength: WAVELENGTH_NM,
  well: { min: 0, max: 47 },
  x: PLACE_MM,
  y: PLACE_MM,
  z: HEIGHT_MM,
};

export interface BoundedCommand {
  readonly method: string;
  /** How authors call an argument. */
  readonly toName: (argument: string) => string;
  /** The first that has a path or an owner of it decides. */
  readonly tables: readonly ArgumentBounds[];
}

/** Throws BAD_ARGUMENTS for the first number out of bounds, in the words of authors. `given` is in PyLabRobot's. */
export function requireInBounds(command: BoundedCommand, given: JsonObject): void {
  for (const [argument, value] of Object.entries(given)) requireValue(command, { argument, fields: [] }, value);
}

/** Of the path itself, or of the nearest owner that has any. */
export function findBounds(tables: readonly ArgumentBounds[], path: string): Bounds | undefined {
  for (let owner = path; owner !== ''; owner = owner.slice(0, Math.max(0, owner.lastIndexOf('.')))) {
    const table = tables.find((each) => Object.hasOwn(each, owner));
    if (table !== undefined) return table[owner];
  }
  return undefined;
}

/** `above 0 and at most 5000`. */
export function describeBounds({ min, max, isAboveMin }: Bounds): string {
  return isAboveMin === true ? `above ${min} and at most ${max}` : `from ${min} to ${max}`;
}

interface Place {
  readonly argument: string;
  readonly fields: readonly string[];
}

function requireValue(command: BoundedCommand, place: Place, value: Json): void {
  if (typeof value === 'number') requireNumber(command, place, value);
  else if (isJsonArray(value)) for (const each of value) requireValue(command, place, each);
  else if (isJsonObject(value) && !isReference(value))
    for (const [field, member] of Object.entries(value))
      requireValue(command, { argument: place.argument, fields: [...place.fields, field] }, member);
}

function requireNumber({ method, toName, tables }: BoundedCommand, { argument, fields }: Place, value: number): void {
  const bounds = findBounds(tables, [argument, ...fields].join('.'));
  if (bounds === undefined) return;
  const { min, max, isAboveMin } = bounds;
  if (value <= max && (isAboveMin === true ? value > min : value >= min)) return;
  const name = [toName(argument), ...fields.map(toAuthorsField)].join('.');
  throw new LabError('BAD_ARGUMENTS', {
    message: `${name} of ${method} must be ${describeBounds(bounds)}, not ${value}.`,
    field: `arguments.${argument}`,
    remedy: 'Give a value within these bounds; docs/machines.md has those of every command.',
  });
}

/** Labware, its positions and sites go by name and number; none of them measures anything. */
function isReference(value: JsonObject): boolean {
  return Object.keys(value).some((key) => key.startsWith('$'));
}

function toAuthorsField(field: string): string {
  return Object.entries(VALUE_FIELDS).find(([, original]) => original === field)?.[0] ?? field;
}
