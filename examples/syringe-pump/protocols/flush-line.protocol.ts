// Flushes a line with a syringe pump that PyLabRobot does not know.

import { machine, param, protocolFunction } from 'praxis/sdk';
import { SYRINGE_PUMP, type SyringePump } from './syringe-pump.js';

const SOURCE_VALVE = 1;
const LINE_VALVE = 2;

export const flushLine = protocolFunction(
  {
    name: 'flush_line',
    version: '1.0.0',
    isTopLevel: true,
    description: 'Draws from the source and pushes into the line, stroke by stroke.',
    parameters: {
      strokes: param.integer({ min: 1, max: 50, default: 3 }),
      volumeUl: param.number({ min: 1, max: 1_000, default: 100 }),
      speedUlPerS: param.number({ min: 1, max: 1_000, default: 200 }),
    },
    assets: { pump: machine.custom<SyringePump>('SyringePump', SYRINGE_PUMP, { description: 'Pushes the liquid' }) },
  },
  async ({ strokes, volumeUl, speedUlPerS }, { pump }) => {
    for (let stroke = 1; stroke <= strokes; stroke++) {
      await pump.selectValve({ valve: SOURCE_VALVE });
      await pump.aspirate({ volumeUl, speedUlPerS });
      await pump.selectValve({ valve: LINE_VALVE });
      await pump.dispense({ volumeUl, speedUlPerS });
    }
    return { positionUl: await pump.readPosition() };
  },
);
