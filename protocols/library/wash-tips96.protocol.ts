// Washes whole racks of used tips with the 96-head: bleach first, then every water station.

import { labware, machine, param, protocolFunction } from '../sdk/index.js';

/** Four commands and two for each water station: 8 for a rack with two stations. The tips go back to their own rack. */
export const washRack = protocolFunction(
  {
    name: 'wash_rack',
    version: '1.0.0',
    description: 'Washes the tips of one rack.',
    parameters: { volumeUl: param.number({ unit: 'µL', min: 10, max: 1000 }) },
    assets: {
      lh: machine.liquidHandler(),
      tips: labware.tipRack({ spots: 96 }),
      bleach: labware.plate({ wells: 1 }),
      water1: labware.plate({ wells: 1 }),
      water2: labware.plate({ wells: 1 }),
    },
  },
  async ({ volumeUl }, { lh, tips, bleach, water1, water2 }, run) => {
    await lh.pickUpTips96(tips);
    const tipsOn = run.onCleanup('discard the tips', () => lh.discardTips96());
    for (const station of [bleach, water1, water2]) {
      await lh.aspirate96(station, volumeUl);
      await lh.dispense96(station, volumeUl);
    }
    await lh.dropTips96(tips);
    tipsOn.dispose();
  },
);

export const washTips96 = protocolFunction(
  {
    name: 'wash_tips96',
    version: '1.0.0',
    isTopLevel: true,
    description: 'Washes two racks of tips with the 96-head, first in bleach, then twice in water.',
    parameters: {
      // A tip takes no more than it is made for: TOO_LITTLE_ROOM, before anything moves.
      volumeUl: param.number({ unit: 'µL', min: 10, max: 1000, default: 500, description: 'Volume drawn through each tip' }),
    },
    assets: {
      lh: machine.liquidHandler({ description: 'Pipettes with a 96-head' }),
      largeTips1: labware.tipRack({ spots: 96, description: 'A full rack of used tips of at least the volume' }),
      largeTips2: labware.tipRack({ spots: 96, description: 'A second full rack of used tips' }),
      bleach: labware.plate({ wells: 1, description: 'Reservoir of bleach' }),
      water1: labware.plate({ wells: 1, description: 'First reservoir of water' }),
      water2: labware.plate({ wells: 1, description: 'Second reservoir of water' }),
    },
  },
  async ({ volumeUl }, { lh, largeTips1, largeTips2, bleach, water1, water2 }) => {
    for (const tips of [largeTips1, largeTips2]) await washRack({ volumeUl }, { lh, tips, bleach, water1, water2 });
    return { racks: [largeTips1.name, largeTips2.name], volumeUl };
  },
);
