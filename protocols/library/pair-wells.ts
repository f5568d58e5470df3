// Pairs of wells for transfers from plate to plate. Lists that do not fit together are refused before anything moves.

import { LabError } from '../sdk/index.js';

export interface WellPair {
  readonly from: string;
  readonly to: string;
}

/** The first source goes with the first destination, and so on. Throws PARAMETER_RANGE for lists of unequal length. */
export function pairWells(sourceWells: readonly string[], destWells: readonly string[]): readonly WellPair[] {
  if (sourceWells.length !== destWells.length) {
    throw new LabError('PARAMETER_RANGE', {
      message: `${sourceWells.length} source wells do not go with ${destWells.length} destination wells; nothing was moved.`,
      field: 'parameters.destWells',
      remedy: 'Name as many destination wells as source wells.',
    });
  }
  return sourceWells.map((from, index) => ({ from, to: destWells[index] as string }));
}
