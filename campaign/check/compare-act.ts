// Holds an act against what its command asked for, by the matter that it moved: which wells and tips, how much.

import type { Fields, TapeLine } from './evidence.js';
import { fieldsOf, listOf, textOf, type Trail } from './trails.js';

const TOLERANCE_UL = 0.01;

/** What does not fit, in words; empty where all does, or where the method moves no matter that was named. */
export function compareAct(trail: Trail, line: TapeLine): readonly string[] {
  switch (trail.method) {
    case 'aspirate':
    case 'dispense':
      return compareVolumes(trail, line);
    case 'pick_up_tips':
      return compareTips(trail, line);
    default:
      return [];
  }
}

function compareVolumes({ method, arguments: asked }: Trail, line: TapeLine): readonly string[] {
  const wantedUl = new Map<string, number>();
  const volumesUl = listOf(asked['vols']).map(Number);
  listOf(asked['resources']).forEach((resource, k) => {
    const place = toPlace(resource);
    wantedUl.set(place, (wantedUl.get(place) ?? 0) + (volumesUl[k] ?? volumesUl[0] ?? 0));
  });
  const told = listOf(line.args['channels']).map(fieldsOf);
  const wrong = [...wantedUl].filter(([place, wanted]) => told.length > 0 && Math.abs(sumUl(told, place) - wanted) > TOLERANCE_UL);
  if (wrong.length > 0)
    return wrong.map(
      ([place, wanted]) => `it was to ${method} ${wanted} µL at ${place}, and the machine was told ${sumUl(told, place)} µL.`,
    );
  const before = line.before.wells ?? {};
  const after = line.after.wells ?? {};
  const touched = [...new Set([...Object.keys(before), ...Object.keys(after)])];
  const strange = touched.filter((well) => !wantedUl.has(well) && !wantedUl.has(toLabware(well)) && !isWaste(well));
  if (strange.length > 0) return [`it was to ${method} at ${[...wantedUl.keys()].join(', ')} and touched ${strange.join(', ')}.`];
  return [...wantedUl].flatMap(([place, wanted]) => {
    const wells = touched.filter((well) => well === place || toLabware(well) === place);
    const movedUl = wells.reduce((sum, well) => sum + Math.abs((after[well] ?? 0) - (before[well] ?? 0)), 0);
    // Air, where the well held less, and what ran over its brim, are what a machine does and no fault of the command.
    const isLimited = wells.some((well) => (method === 'aspirate' ? (after[well] ?? 0) <= 0 : true)) && movedUl < wanted;
    return Math.abs(movedUl - wanted) <= TOLERANCE_UL || isLimited
      ? []
      : [`it was to ${method} ${wanted} µL at ${place} and moved ${movedUl} µL.`];
  });
}

function sumUl(told: readonly Fields[], place: string): number {
  return told
    .filter(({ well }) => well === place || toLabware(textOf(well)) === place)
    .reduce((sum, { volumeUl }) => sum + Number(volumeUl), 0);
}

function compareTips({ arguments: asked }: Trail, line: TapeLine): readonly string[] {
  const wanted = new Set(listOf(asked['tip_spots']).map(toPlace));
  const taken = Object.keys(line.after.tips ?? {});
  const strange = taken.filter((spot) => !wanted.has(spot));
  return strange.length === 0 ? [] : [`it was to take tips at ${[...wanted].join(', ')} and took ${strange.join(', ')}.`];
}

/** `plate_1:A1` of a well or tip spot, the name alone of a trough. */
function toPlace(value: Trail['arguments'][string]): string {
  const fields = fieldsOf(value);
  const [labware, item] = listOf(fields['$item']).map(textOf);
  return labware === undefined || item === undefined ? textOf(fields['$ref']) : `${labware}:${item}`;
}

function toLabware(well: string): string {
  return well.split(':')[0] ?? well;
}

function isWaste(well: string): boolean {
  return /waste|trash|spill/u.test(well);
}
