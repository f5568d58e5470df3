// Chosen wells from plate to plate, one to one. Each well is a call of its own, so the record tells of every single one.

import { expandPositions, labware, machine, param, protocolFunction } from '../sdk/index.js';
import { pairWells } from './pair-wells.js';

const TIP_SPOTS = expandPositions('A1:H12');

/** Four commands. */
export const transferWell = protocolFunction(
  {
    name: 'transfer_well',
    version: '1.0.0',
    description: 'Transfers a volume from one well to one other with a tip of its own.',
    parameters: {
      from: param.text({ pattern: '[A-H]([1-9]|1[0-2])' }),
      to: param.text({ pattern: '[A-H]([1-9]|1[0-2])' }),
      tip: param.text({ pattern: '[A-H]([1-9]|1[0-2])' }),
      volumeUl: param.number({ unit: 'µL', min: 1, max: 1000 }),
    },
    assets: {
      lh: machine.liquidHandler(),
      source: labware.plate({ wells: 96 }),
      dest: labware.plate({ wells: 96 }),
      tips: labware.tipRack({ spots: 96 }),
    },
  },
  async ({ from, to, tip, volumeUl }, { lh, source, dest, tips }, run) => {
    await lh.pickUpTips(tips.spots(tip));
    const tipOn = run.onCleanup('discard the tip', () => lh.discardTips());
    await lh.aspirate(source.wells(from), volumeUl);
    await lh.dispense(dest.wells(to), volumeUl);
    await lh.dropTips(tips.spots(tip));
    tipOn.dispose();
  },
);

export const selectiveTransfer = protocolFunction(
  {
    name: 'selective_transfer',
    version: '1.0.0',
    isTopLevel: true,
    description: 'Transfers chosen wells of one plate to wells of another, one to one.',
    parameters: {
      sourceWells: param.wells({ wells: 96, min: 1, max: 96, default: 'A1:A4', description: 'Wells to take from' }),
      destWells: param.wells({ wells: 96, min: 1, max: 96, default: 'A1:A4', description: 'Wells to give to, as many as source wells' }),
      volumeUl: param.number({ unit: 'µL', min: 1, max: 1000, default: 50, description: 'Volume of each transfer' }),
    },
    assets: {
      lh: machine.liquidHandler({ description: 'Pipettes' }),
      source: labware.plate({ wells: 96, description: 'Liquid in the source wells' }),
      dest: labware.plate({ wells: 96, description: 'Room in the destination wells' }),
      tips: labware.tipRack({ spots: 96, description: 'One tip for each pair of wells, row by row' }),
    },
  },
  async ({ sourceWells, destWells, volumeUl }, { lh, source, dest, tips }) => {
    const pairs = pairWells(sourceWells, destWells);
    for (const [index, { from, to }] of pairs.entries()) {
      await transferWell({ from, to, tip: TIP_SPOTS[index] as string, volumeUl }, { lh, source, dest, tips });
    }
    return { wells: pairs.length, volumeUl };
  },
);
