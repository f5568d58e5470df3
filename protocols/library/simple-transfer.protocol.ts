// The smallest useful protocol: one volume from wells of one plate to wells of another, a fresh tip for each pair.

import { labware, machine, param, protocolFunction } from '../sdk/index.js';
import { pairWells } from './pair-wells.js';

/** Four commands a pair. The tip of pair k comes from A<k> and goes back there, so a rack serves twelve pairs. */
export const simpleTransfer = protocolFunction(
  {
    name: 'simple_transfer',
    version: '1.0.0',
    isTopLevel: true,
    description: 'Transfers one volume from wells of one plate to wells of another.',
    parameters: {
      sourceWells: param.wells({ wells: 96, min: 1, max: 96, default: 'A1', description: 'Wells to take from' }),
      destWells: param.wells({ wells: 96, min: 1, max: 96, default: 'B1', description: 'Wells to give to, as many as source wells' }),
      volumeUl: param.number({ unit: 'µL', min: 1, max: 1000, default: 100, description: 'Volume of each transfer' }),
    },
    assets: {
      lh: machine.liquidHandler({ description: 'Pipettes' }),
      source: labware.plate({ wells: 96, description: 'Liquid in the source wells' }),
      dest: labware.plate({ wells: 96, description: 'Room in the destination wells' }),
      tips: labware.tipRack({ spots: 96, description: 'Tips in row A, one column for each pair' }),
    },
  },
  async ({ sourceWells, destWells, volumeUl }, { lh, source, dest, tips }, run) => {
    const pairs = pairWells(sourceWells, destWells);
    for (const [index, { from, to }] of pairs.entries()) {
      await lh.pickUpTips(tips.spots(`A${index + 1}`));
      const tipOn = run.onCleanup('discard the tip', () => lh.discardTips());
      await lh.aspirate(source.wells(from), volumeUl);
      await lh.dispense(dest.wells(to), volumeUl);
      await lh.returnTips();
      tipOn.dispose();
    }
    return { transfers: pairs.length, volumeUl };
  },
);
