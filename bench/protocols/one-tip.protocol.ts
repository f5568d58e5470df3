// The shortest run that moves: one tip up and back. The benchmark starts it to time the way to a first command.

import { labware, machine, protocolFunction } from 'praxis/sdk';

export const oneTip = protocolFunction(
  {
    name: 'one_tip',
    version: '1.0.0',
    isTopLevel: true,
    description: 'Picks one tip up and puts it back.',
    assets: { lh: machine.liquidHandler(), tips: labware.tipRack({ spots: 96 }) },
  },
  async (_parameters, { lh, tips }) => {
    await lh.pickUpTips(tips.spots('A1'));
    await lh.dropTips(tips.spots('A1'));
  },
);
