// Names of the pinned catalogue, and what they tell of the number of positions.

import { countPositions } from './labware-positions.js';

test.each([
  ['Cor_96_wellplate_360ul_Fb', 96],
  ['hamilton_96_tiprack_300uL_filter', 96],
  ['BioRad_384_DWP_50uL_Vb', 384],
  ['Cor_6_wellplate_16800ul_Fb', 6],
  ['nest_1_troughplate_195000uL_Vb', 1],
  ['rack_48ml', undefined],
  ['hamilton_1_trough_60ml_Vb', undefined],
  ['HTF', undefined],
])('%s has %s positions', (type, positions) => {
  expect(countPositions(type)).toBe(positions);
});
