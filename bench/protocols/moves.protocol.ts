// Many small commands on the simulated liquid handler and pumps, for benches that need something that moves.

import { labware, machine, param, protocolFunction } from 'praxis/sdk';

const VOLUME_UL = 5;

export const moves = protocolFunction(
  {
    name: 'moves',
    version: '1.0.0',
    isTopLevel: true,
    description: 'Takes liquid from a trough and gives it back, two commands a stroke, one by one or as a block.',
    parameters: { strokes: param.integer({ min: 1, max: 5_000 }), isBlock: param.boolean({ default: false }) },
    assets: { lh: machine.liquidHandler(), tips: labware.tipRack({ spots: 96 }), trough: labware.trough() },
  },
  async ({ strokes, isBlock }, { lh, tips, trough }, run) => {
    await lh.pickUpTips(tips.spots('A1'));
    const tipOn = run.onCleanup('discard the tip', () => lh.discardTips());
    if (isBlock) {
      await run.block('strokes', (block) => {
        const pipette = block.on(lh);
        for (let k = 0; k < strokes; k++) {
          void pipette.aspirate(trough, VOLUME_UL);
          void pipette.dispense(trough, VOLUME_UL);
        }
      });
    } else {
      for (let k = 0; k < strokes; k++) {
        await lh.aspirate(trough, VOLUME_UL);
        await lh.dispense(trough, VOLUME_UL);
      }
    }
    await lh.dropTips(tips.spots('A1'));
    tipOn.dispose();
  },
);

export const pumpStrokes = protocolFunction(
  {
    name: 'pump_strokes',
    version: '1.0.0',
    isTopLevel: true,
    description: 'Turns a pump again and again; each turn is a command.',
    parameters: { strokes: param.integer({ min: 1, max: 1_000 }), isBlock: param.boolean({ default: false }) },
    assets: { pump: machine.pump() },
  },
  async ({ strokes, isBlock }, { pump }, run) => {
    if (isBlock) {
      await run.block('strokes', (block) => {
        const noted = block.on(pump);
        for (let k = 0; k < strokes; k++) void noted.runRevolutions({ revolutions: 1 });
      });
      return;
    }
    for (let k = 0; k < strokes; k++) await pump.runRevolutions({ revolutions: 1 });
  },
);
