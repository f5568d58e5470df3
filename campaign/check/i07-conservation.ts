// I7: liquid neither appears nor vanishes, and what the lab believes of each well is what is in it, or says how unsure it is;
// labware is where the lab believes it.

import type { Evidence, Invariant, Physics, TapeLine, Violation } from './evidence.js';
import { checkPlaces } from './place-belief.js';
import { fieldsOf, isAct, listOpenDoubts, textOf, type Trail } from './trails.js';

const TOLERANCE_UL = 0.01;
const LIQUID_OPS = /^(aspirate|dispense|mix)/u;
/** Rows that say what the lab believes of its labware. */
const BELIEVING_KINDS = ['END', 'RESOLVE', 'REPLACE', 'PLACE', 'CONFIG', 'CORRECT', 'REFILL', 'LATE'];

export const conservation: Invariant = {
  id: 'I7',
  says: 'Liquid is conserved, and the volume that the lab believes is the true one or an interval around it; labware is where the lab believes it.',
  check: (evidence) => [...evidence.tape.filter(isAct).flatMap(checkAct), ...checkContinuity(evidence), ...checkBelief(evidence), ...checkPlaces(evidence)],
};

function checkAct(line: TapeLine): readonly Violation[] {
  if (!LIQUID_OPS.test(line.op)) return [];
  const changeUl = totalUl(line.after) - totalUl(line.before);
  if (Math.abs(changeUl) <= TOLERANCE_UL) return [];
  return [{ what: `${line.commandId ?? line.device}: ${line.op} made ${changeUl.toFixed(2)} µL out of nothing.`, tape: [line.n] }];
}

function totalUl({ wells, channels, device }: Physics): number {
  const inWells = Object.values(wells ?? {}).reduce((sum: number, volumeUl) => sum + (volumeUl ?? 0), 0);
  const inTips = Object.values(channels ?? {}).reduce((sum, channel) => sum + (channel?.volumeUl ?? 0), 0);
  const wasted = device?.['wasteUl'];
  return inWells + inTips + (typeof wasted === 'number' ? wasted : 0);
}

/** Between two acts nothing moves but by hand: an act finds each well as the last one left it. */
function checkContinuity({ tape }: Evidence): readonly Violation[] {
  const last = new Map<string, { volumeUl: number; n: number }>();
  return tape.flatMap((line) => {
    const violations: Violation[] = [];
    for (const [well, foundUl] of Object.entries(line.before.wells ?? {})) {
      const left = last.get(well);
      if (left && Math.abs(left.volumeUl - (foundUl ?? 0)) > TOLERANCE_UL) {
        violations.push({ what: `${well} was left with ${left.volumeUl} µL and found with ${foundUl} µL.`, tape: [left.n, line.n] });
      }
    }
    for (const [well, volumeUl] of Object.entries(line.after.wells ?? {})) last.set(well, { volumeUl: volumeUl ?? 0, n: line.n });
    return violations;
  });
}

interface Belief {
  readonly volumeUl: number | null;
  readonly rangeUl: { readonly min: number; readonly max: number } | null;
  readonly row: number;
}

/** For each well on the tape: the last belief about it holds what the last act left in it. */
function checkBelief(evidence: Evidence): readonly Violation[] {
  const beliefs = readBeliefs(evidence);
  const truth = new Map<string, { volumeUl: number; line: TapeLine }>();
  for (const line of evidence.tape) for (const [well, volumeUl] of Object.entries(line.after.wells ?? {})) truth.set(well, { volumeUl: volumeUl ?? 0, line });
  const inDoubt = new Set(listOpenDoubts(evidence));
  return [...truth].flatMap(([well, { volumeUl, line }]) => {
    const belief = beliefs.get(well);
    // A command whose doubt is not settled has no delta yet, unless it carries an interval.
    if (!belief || (belief.rangeUl === null && line.commandId !== null && inDoubt.has(line.commandId))) return [];
    if (belief.rangeUl) {
      const { min, max } = belief.rangeUl;
      return volumeUl >= min - TOLERANCE_UL && volumeUl <= max + TOLERANCE_UL ? [] : [{ what: `${well} holds ${volumeUl} µL, outside of the believed ${min} to ${max} µL.`, tape: [line.n] }];
    }
    if (belief.volumeUl === null || Math.abs(belief.volumeUl - volumeUl) <= TOLERANCE_UL) return [];
    return [{ what: `${well} holds ${volumeUl} µL and is believed to hold ${belief.volumeUl} µL (row ${belief.row} of the journal).`, tape: [line.n] }];
  });
}

function readBeliefs({ journals }: Evidence): ReadonlyMap<string, Belief> {
  const beliefs = new Map<string, Belief>();
  for (const { rows } of journals) {
    for (const { kind, body, row } of rows) {
      if (!BELIEVING_KINDS.includes(kind)) continue;
      for (const entry of Object.values(fieldsOf(body['delta'] ?? body['state'])).map(fieldsOf)) {
        const { volumeUl, volumeRangeUl } = entry;
        if (typeof volumeUl !== 'number' && typeof volumeRangeUl !== 'object') continue;
        const range = fieldsOf(volumeRangeUl);
        const rangeUl = typeof range['min'] === 'number' && typeof range['max'] === 'number' ? { min: range['min'], max: range['max'] } : null;
        beliefs.set(toWell(entry), { volumeUl: typeof volumeUl === 'number' ? volumeUl : null, rangeUl, row });
      }
    }
  }
  return beliefs;
}

function toWell(entry: Trail['arguments']): string {
  const item = textOf(entry['item']);
  return item === '' ? textOf(entry['labware']) : `${textOf(entry['labware'])}:${item}`;
}
