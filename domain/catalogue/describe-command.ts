// A command in one line for a person; the terminal and the Temporal Web UI show the same.

import { isJsonArray, isJsonObject, type Json, type JsonObject } from '../json/json.js';

const PLACES_SHOWN_MAX = 3;
/** Temporal keeps summaries of up to 200 bytes. */
const LINE_LENGTH_MAX = 120;

/** `star.aspirate plate_1:A2 100 µL` */
export function describeCommand(machine: string, method: string, given: JsonObject): string {
  const places = Object.values(given).flatMap(findPlaces);
  const volumes = given['vols'];
  const words = [`${machine}.${method}`, joinPlaces(places), volumes === undefined ? '' : joinVolumes(volumes)];
  const line = words.filter((word) => word !== '').join(' ');
  return line.length > LINE_LENGTH_MAX ? `${line.slice(0, LINE_LENGTH_MAX - 3)}...` : line;
}

/** Labware positions travel as `{$item: [labware, position]}`, whole items as `{$ref: name}`. */
function findPlaces(value: Json): string[] {
  if (isJsonArray(value)) return value.flatMap(findPlaces);
  if (!isJsonObject(value)) return [];
  const { $item: item, $ref: ref } = value;
  if (item !== undefined && isJsonArray(item)) return [item.filter((part) => typeof part === 'string').join(':')];
  return typeof ref === 'string' ? [ref] : [];
}

function joinPlaces(places: readonly string[]): string {
  const distinct = [...new Set(places)];
  const shown = distinct.slice(0, PLACES_SHOWN_MAX).join(' ');
  const hidden = distinct.length - PLACES_SHOWN_MAX;
  return hidden > 0 ? `${shown} +${hidden}` : shown;
}

function joinVolumes(volumes: Json): string {
  const values = [...new Set(isJsonArray(volumes) ? volumes : [volumes])].filter((value) => typeof value === 'number');
  if (values.length === 0) return '';
  const rounded = values.map((value) => Math.round(value * 100) / 100);
  return `${rounded.length > PLACES_SHOWN_MAX ? `${Math.min(...rounded)} to ${Math.max(...rounded)}` : rounded.join(' ')} µL`;
}
