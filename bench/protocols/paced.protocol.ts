// Commands at the pace of a laboratory rather than as fast as they go, and commands that somebody stops.

import { machine, param, protocolFunction } from 'praxis/sdk';

export const pacedStrokes = protocolFunction(
  {
    name: 'paced_strokes',
    version: '1.0.0',
    isTopLevel: true,
    description: 'Turns a pump once a second.',
    parameters: { strokes: param.integer({ min: 1, max: 100_000 }) },
    assets: { pump: machine.pump() },
  },
  async ({ strokes }, { pump }, run) => {
    await run.every({ interval: { seconds: 1 }, count: strokes }, 0, async () => {
      await pump.runRevolutions({ revolutions: 1 });
      return 0;
    });
  },
);

export const stoppedStrokes = protocolFunction(
  {
    name: 'stopped_strokes',
    version: '1.0.0',
    isTopLevel: true,
    description: 'Turns a pump again and again; a turn that was stopped is followed by the next.',
    parameters: { strokes: param.integer({ min: 1, max: 1_000 }) },
    assets: { pump: machine.pump() },
  },
  async ({ strokes }, { pump }) => {
    for (let k = 0; k < strokes; k++) {
      try {
        await pump.runRevolutions({ revolutions: 1 });
      } catch (error) {
        if (!(error instanceof Error && 'code' in error && error.code === 'COMMAND_STOPPED')) throw error;
      }
    }
  },
);
