// What commands used up and moved, read from what each changed on the deck.

import { isJsonObject, type Json, type JsonObject } from '../json/json.js';
import type { TipUse, VolumeUse } from './rehearsal.js';

/** Smaller differences are rounding errors of sums. */
const SMALLEST_UL = 1e-6;

interface Volume {
  readonly labware: string;
  readonly item: string | undefined;
  drawnUl: number;
  givenUl: number;
  lowestUl: number;
  highestUl: number;
  nowUl: number;
}

export interface LabwareUse {
  readonly tips: readonly TipUse[];
  readonly volumes: readonly VolumeUse[];
}

/** `before` is the state of all resources at the start, `deltas` what each command changed, in order. */
export function measureLabwareUse(before: JsonObject, deltas: readonly JsonObject[]): LabwareUse {
  const volumes = new Map<string, Volume>();
  const tips = new Map<string, Set<string>>();
  const hadTip = new Map<string, boolean>();
  for (const delta of deltas) {
    for (const [name, entry] of Object.entries(delta)) {
      if (!isJsonObject(entry)) continue;
      if (typeof entry['volumeUl'] === 'number') addVolume(volumes, name, { entry, volumeUl: entry['volumeUl'], before: before[name] });
      if ('tip' in entry) noteTip(tips, entry, hadTip.get(name) ?? hasTip(before[name]));
      if ('tip' in entry) hadTip.set(name, entry['tip'] !== null);
    }
  }
  return {
    tips: [...tips].map(([rack, positions]) => ({ rack, positions: [...positions] })),
    volumes: [...volumes.values()].filter(({ drawnUl, givenUl }) => drawnUl + givenUl > 0).map(toUse),
  };
}

function addVolume(
  volumes: Map<string, Volume>,
  name: string,
  { entry, volumeUl, before }: { entry: JsonObject; volumeUl: number; before: Json | undefined },
): void {
  const startUl = isJsonObject(before) && typeof before['volumeUl'] === 'number' ? before['volumeUl'] : 0;
  const { item } = entry;
  const known = volumes.get(name) ?? {
    labware: toText(entry['labware']),
    item: typeof item === 'string' ? item : undefined,
    drawnUl: 0,
    givenUl: 0,
    lowestUl: startUl,
    highestUl: startUl,
    nowUl: startUl,
  };
  const changeUl = volumeUl - known.nowUl;
  if (changeUl > SMALLEST_UL) known.givenUl += changeUl;
  else if (changeUl < -SMALLEST_UL) known.drawnUl -= changeUl;
  known.nowUl = volumeUl;
  known.lowestUl = Math.min(known.lowestUl, volumeUl);
  known.highestUl = Math.max(known.highestUl, volumeUl);
  volumes.set(name, known);
}

function noteTip(tips: Map<string, Set<string>>, entry: JsonObject, wasThere: boolean): void {
  if (!wasThere || entry['tip'] !== null) return;
  const rack = toText(entry['labware']);
  tips.set(rack, (tips.get(rack) ?? new Set()).add(toText(entry['item'])));
}

function toText(value: Json | undefined): string {
  return typeof value === 'string' ? value : '';
}

function hasTip(entry: Json | undefined): boolean {
  return isJsonObject(entry) && entry['tip'] !== null && entry['tip'] !== undefined;
}

function toUse({ labware, item, drawnUl, givenUl, lowestUl, highestUl }: Volume): VolumeUse {
  return {
    labware,
    ...(item !== undefined && { item }),
    drawnUl: round(drawnUl),
    givenUl: round(givenUl),
    lowestUl: round(lowestUl),
    highestUl: round(highestUl),
  };
}

function round(volumeUl: number): number {
  return Math.round(volumeUl * 1e4) / 1e4;
}
