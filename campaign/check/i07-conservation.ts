// I7: liquid neither appears nor vanishes, and what the lab believes of each well is what is in it, or says how unsure it is;
// labware is where the lab believes it.

import type { Evidence, Invariant, JournalRow, Physics, TapeLine, Violation } from './evidence.js';
import { checkPlaces } from './place-belief.js';
import { fieldsOf, groupBy, isAct, listOpenDoubts, textOf, type Trail } from './trails.js';

const TOLERANCE_UL = 0.01;
const LIQUID_OPS = /^(aspirate|dispense|mix)/u;
/** Rows that say what the lab believes of its labware. */
const BELIEVING_KINDS = ['END', 'RESOLVE', 'REPLACE', 'PLACE', 'CONFIG', 'CORRECT', 'REFILL', 'LATE'];

export const conservation: Invariant = {
  id: 'I7',
  says: 'Liquid is conserved, and the volume that the lab believes is the true one or an interval around it; labware is where the lab believes it.',
  check: (evidence) => [
    ...evidence.tape.filter(isAct).flatMap(checkAct),
    ...checkContinuity(evidence),
    ...checkBelief(evidence),
    ...checkEnds(evidence),
    ...checkPlaces(evidence),
  ],
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
  const beliefs = new Map<string, Belief>();
  for (const row of evidence.journals.flatMap(({ rows }) => rows)) noteBeliefs(beliefs, row);
  const truth = new Map<string, { volumeUl: number; line: TapeLine }>();
  for (const line of evidence.tape)
    for (const [well, volumeUl] of Object.entries(line.after.wells ?? {})) truth.set(well, { volumeUl: volumeUl ?? 0, line });
  const inDoubt = new Set(listOpenDoubts(evidence));
  return [...truth].flatMap(([well, { volumeUl, line }]) => {
    const belief = beliefs.get(well);
    // A command whose doubt is not settled has no delta yet, unless it carries an interval.
    return belief?.rangeUl === null && line.commandId !== null && inDoubt.has(line.commandId)
      ? []
      : compare(well, belief, { volumeUl, n: line.n });
  });
}

/** What is refreshed when a run ends is right again by then: so the same at the end of each command, of the wells that it moved. */
function checkEnds({ journals, tape }: Evidence): readonly Violation[] {
  const acts = groupBy(tape.filter(isAct), ({ commandId }) => commandId ?? '');
  return journals.flatMap(({ rows }) => {
    const beliefs = new Map<string, Belief>();
    return rows.flatMap((row) => {
      noteBeliefs(beliefs, row);
      if (row.kind !== 'END' || fieldsOf(row.body['outcome'])['status'] !== 'completed') return [];
      const left = new Map(
        (acts.get(row.key ?? '') ?? []).flatMap(({ after, n }) =>
          Object.entries(after.wells ?? {}).map(([well, volumeUl]) => [well, { volumeUl: volumeUl ?? 0, n }] as const),
        ),
      );
      return [...left].flatMap(([well, truth]) => compare(well, beliefs.get(well), truth));
    });
  });
}

function compare(well: string, belief: Belief | undefined, { volumeUl, n }: { volumeUl: number; n: number }): readonly Violation[] {
  if (!belief) return [];
  if (belief.rangeUl) {
    const { min, max } = belief.rangeUl;
    return volumeUl >= min - TOLERANCE_UL && volumeUl <= max + TOLERANCE_UL
      ? []
      : [{ what: `${well} holds ${volumeUl} µL, outside of the believed ${min} to ${max} µL.`, tape: [n] }];
  }
  if (belief.volumeUl === null || Math.abs(belief.volumeUl - volumeUl) <= TOLERANCE_UL) return [];
  return [
    { what: `${well} holds ${volumeUl} µL and is believed to hold ${belief.volumeUl} µL (row ${belief.row} of the journal).`, tape: [n] },
  ];
}

function noteBeliefs(beliefs: Map<string, Belief>, { kind, body, row }: JournalRow): void {
  if (!BELIEVING_KINDS.includes(kind)) return;
  for (const entry of Object.values(fieldsOf(body['delta'] ?? body['state'])).map(fieldsOf)) {
    const { volumeUl, volumeRangeUl } = entry;
    if (typeof volumeUl !== 'number' && typeof volumeRangeUl !== 'object') continue;
    const range = fieldsOf(volumeRangeUl);
    const rangeUl = typeof range['min'] === 'number' && typeof range['max'] === 'number' ? { min: range['min'], max: range['max'] } : null;
    beliefs.set(toWell(entry), { volumeUl: typeof volumeUl === 'number' ? volumeUl : null, rangeUl, row });
  }
}

function toWell(entry: Trail['arguments']): string {
  const item = textOf(entry['item']);
  return item === '' ? textOf(entry['labware']) : `${textOf(entry['labware'])}:${item}`;
}
