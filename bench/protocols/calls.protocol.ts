// Calls that do next to nothing: as child workflows, as tracked inline calls and as plain functions of the language.

import { labware, machine, param, protocolFunction } from 'praxis/sdk';

const parameters = { value: param.number({}) };

export const childDouble = protocolFunction(
  { name: 'child_double', version: '1.0.0', description: 'Doubles a number in a workflow of its own.', parameters },
  ({ value }) => Promise.resolve(value * 2),
);

export const inlineDouble = protocolFunction(
  { name: 'inline_double', version: '1.0.0', description: 'Doubles a number, tracked.', kind: 'inline', parameters },
  ({ value }) => Promise.resolve(value * 2),
);

function plainDouble({ value }: { readonly value: number }): Promise<number> {
  return Promise.resolve(value * 2);
}

export const childCalls = protocolFunction(
  {
    name: 'child_calls',
    version: '1.0.0',
    isTopLevel: true,
    description: 'Child calls one after the other, without commands.',
    parameters: { count: param.integer({ min: 1, max: 1_000 }) },
  },
  async ({ count }) => {
    let sum = 0;
    for (let k = 0; k < count; k++) sum += await childDouble({ value: k });
    return sum;
  },
);

export const manyCalls = protocolFunction(
  {
    name: 'many_calls',
    version: '1.0.0',
    isTopLevel: true,
    description: 'Very many small calls with a command now and then; the calls are tracked, or plain functions.',
    parameters: {
      calls: param.integer({ min: 1, max: 100_000 }),
      commands: param.integer({ min: 2, max: 1_000 }),
      isTracked: param.boolean({}),
    },
    assets: { lh: machine.liquidHandler(), tips: labware.tipRack({ spots: 96 }) },
  },
  async ({ calls, commands, isTracked }, { lh, tips }) => {
    const double = isTracked ? inlineDouble : plainDouble;
    const callsPerCommand = Math.floor(calls / commands);
    let sum = 0;
    for (let command = 0; command < commands; command++) {
      for (let k = 0; k < callsPerCommand; k++) sum += await double({ value: k });
      if (command % 2 === 0) await lh.pickUpTips(tips.spots('A1'));
      else await lh.dropTips(tips.spots('A1'));
    }
    return sum;
  },
);
