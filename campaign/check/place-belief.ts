// Where the lab believes its labware to stand, held against where the machines have left it.

import type { Evidence, TapeLine, Violation } from './evidence.js';
import { fieldsOf, listOpenDoubts, textOf } from './trails.js';

/** For each labware that a machine has carried: the last belief about its place is the place where the last act left it. */
export function checkPlaces(evidence: Evidence): readonly Violation[] {
  const beliefs = readBeliefs(evidence);
  const inDoubt = new Set(listOpenDoubts(evidence));
  const truth = new Map<string, { place: string | null; line: TapeLine }>();
  for (const line of evidence.tape)
    for (const [labware, place] of Object.entries(line.after.places ?? {})) truth.set(labware, { place, line });
  return [...truth].flatMap(([labware, { place, line }]) => {
    const belief = beliefs.get(labware);
    if (belief === undefined || belief.place === place || (line.commandId !== null && inDoubt.has(line.commandId))) return [];
    return [
      {
        what: `${labware} stands at ${place} and is believed to stand at ${belief.place} (row ${belief.row} of the journal).`,
        tape: [line.n],
      },
    ];
  });
}

function readBeliefs({ journals }: Evidence): ReadonlyMap<string, { place: string; row: number }> {
  const beliefs = new Map<string, { place: string; row: number }>();
  for (const { rows } of journals) {
    for (const { body, row } of rows) {
      for (const [labware, entry] of Object.entries(fieldsOf(body['delta'] ?? body['state']))) {
        const place = toTapePlace(fieldsOf(fieldsOf(entry)['place']));
        if (place !== '') beliefs.set(labware, { place, row });
      }
    }
  }
  return beliefs;
}

/** In the words of the tape: sites belong to the liquid handler, of which a lab of a campaign has one. */
function toTapePlace({ carrier, site, machine, gripper }: ReturnType<typeof fieldsOf>): string {
  if (carrier !== undefined) return `star/${textOf(carrier)}-${Number(site)}`;
  return gripper === undefined ? textOf(machine) : `${textOf(gripper)}/gripper`;
}
