// Serial dilution along a row: diluent into the wells first, then the sample carried from well to well.

import { labware, LabError, machine, param, protocolFunction } from '../sdk/index.js';

const MIX_STROKES = 3;
/** Part of the transferred volume that one mixing stroke moves. */
const MIX_FRACTION = 0.8;

export const fillDiluent = protocolFunction(
  {
    name: 'fill_diluent',
    version: '1.0.0',
    description: 'Dispenses diluent into the wells of a row, from column 2 on, with one tip.',
    parameters: {
      row: param.choice({ choices: ['A', 'B', 'C', 'D', 'E', 'F', 'G', 'H'] }),
      numDilutions: param.integer({ min: 1, max: 11 }),
      diluentUl: param.number({ unit: 'µL', min: 1, max: 300 }),
    },
    assets: {
      lh: machine.liquidHandler(),
      plate: labware.plate({ wells: 96 }),
      tips: labware.tipRack({ spots: 96 }),
      diluent: labware.trough(),
    },
  },
  async ({ row, numDilutions, diluentUl }, { lh, plate, tips, diluent }, run) => {
    await lh.pickUpTips(tips.spots('A1'));
    const tipOn = run.onCleanup('discard the diluent tip', () => lh.discardTips());
    for (let k = 1; k <= numDilutions; k++) {
      await lh.aspirate(diluent, diluentUl);
      await lh.dispense(plate.wells(`${row}${k + 1}`), diluentUl);
    }
    await lh.dropTips(tips.spots('A1'));
    tipOn.dispose();
  },
);

export const diluteOnce = protocolFunction(
  {
    name: 'dilute_once',
    version: '1.0.0',
    description: 'Carries a volume from one well to the next and mixes there.',
    parameters: {
      from: param.text({ pattern: '[A-H]([1-9]|1[0-2])' }),
      to: param.text({ pattern: '[A-H]([1-9]|1[0-2])' }),
      transferUl: param.number({ unit: 'µL', min: 1, max: 300 }),
    },
    assets: { lh: machine.liquidHandler(), plate: labware.plate({ wells: 96 }) },
  },
  async ({ from, to, transferUl }, { lh, plate }) => {
    await lh.aspirate(plate.wells(from), transferUl);
    await lh.dispense(plate.wells(to), transferUl);
    for (let stroke = 0; stroke < MIX_STROKES; stroke++) {
      await lh.aspirate(plate.wells(to), transferUl * MIX_FRACTION);
      await lh.dispense(plate.wells(to), transferUl * MIX_FRACTION);
    }
  },
);

export const mixDown = protocolFunction(
  {
    name: 'mix_down',
    version: '1.0.0',
    description: 'Dilutes the sample of column 1 step by step down the row with one tip.',
    parameters: {
      row: param.choice({ choices: ['A', 'B', 'C', 'D', 'E', 'F', 'G', 'H'] }),
      numDilutions: param.integer({ min: 1, max: 11 }),
      transferUl: param.number({ unit: 'µL', min: 1, max: 300 }),
    },
    assets: {
      lh: machine.liquidHandler(),
      plate: labware.plate({ wells: 96 }),
      tips: labware.tipRack({ spots: 96 }),
    },
  },
  async ({ row, numDilutions, transferUl }, { lh, plate, tips }, run) => {
    await lh.pickUpTips(tips.spots('B1'));
    const tipOn = run.onCleanup('discard the sample tip', () => lh.discardTips());
    for (let k = 1; k <= numDilutions; k++) {
      await diluteOnce({ from: `${row}${k}`, to: `${row}${k + 1}`, transferUl }, { lh, plate });
    }
    await lh.dropTips(tips.spots('B1'));
    tipOn.dispose();
  },
);

export const serialDilution = protocolFunction(
  {
    name: 'serial_dilution',
    version: '1.0.0',
    isTopLevel: true,
    description: 'Dilutes the sample in column 1 along a row of a plate.',
    parameters: {
      startRow: param.choice({
        choices: ['A', 'B', 'C', 'D', 'E', 'F', 'G', 'H'],
        default: 'A',
        description: 'Row that holds the sample in column 1',
      }),
      // The sample sits in column 1, so n dilutions need n + 1 of the 12 columns.
      numDilutions: param.integer({ min: 1, max: 11, default: 8, description: 'Number of dilutions' }),
      sampleUl: param.number({ unit: 'µL', min: 1, max: 300, default: 100, description: 'Sample that may be taken from column 1' }),
      diluentUl: param.number({ unit: 'µL', min: 1, max: 300, default: 100, description: 'Diluent in each dilution well' }),
      factor: param.number({ min: 1.1, max: 100, default: 2, description: 'Dilution factor of each step' }),
    },
    assets: {
      lh: machine.liquidHandler({ description: 'Pipettes' }),
      plate: labware.plate({ wells: 96, description: 'Sample in column 1, the other wells empty' }),
      tips: labware.tipRack({ spots: 96, description: 'Tips in A1 and B1' }),
      diluent: labware.trough({ description: 'Diluent' }),
    },
  },
  async ({ startRow, numDilutions, sampleUl, diluentUl, factor }, { lh, plate, tips, diluent }) => {
    const transferUl = diluentUl / (factor - 1);
    if (transferUl > sampleUl) {
      throw new LabError('PARAMETER_RANGE', {
        message: `Factor ${factor} with ${diluentUl} µL diluent carries ${transferUl} µL a step; only ${sampleUl} µL sample may be taken.`,
        remedy: 'Raise the factor, lower diluentUl, or allow more sample with sampleUl.',
      });
    }
    await fillDiluent({ row: startRow, numDilutions, diluentUl }, { lh, plate, tips, diluent });
    await mixDown({ row: startRow, numDilutions, transferUl }, { lh, plate, tips });
    const wells = Array.from({ length: numDilutions }, (_, k) => `${startRow}${k + 2}`);
    return { wells, transferUl, factor };
  },
);
