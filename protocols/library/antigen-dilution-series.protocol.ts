// Dilution series of several samples, planned first and shown to a person, who says yes or no.

import { labware, LabError, machine, param, protocolFunction } from '../sdk/index.js';

const ROWS = ['A', 'B', 'C', 'D', 'E', 'F', 'G', 'H'] as const;
/** Column 1 of the plate stays free of samples, for blanks. */
const FIRST_COLUMN = 2;
/** A well has room for buffer and transfer. */
const BUFFER_MAX_UL = 150;
/** Below this, pipettes are not to be trusted. */
const TRANSFER_MIN_UL = 1;
/** Part of the transferred volume that one mixing stroke moves. */
const MIX_FRACTION = 0.8;

export interface SamplePlan {
  readonly id: string;
  /** Well of the samples plate. */
  readonly from: string;
  /** Wells of the series, each diluted by the factor from the one before. */
  readonly wells: readonly string[];
  readonly factor: number;
  readonly transferUl: number;
}

/** What is shown to the person is what is carried out: the same value. */
export interface SeriesPlan {
  /** In every well of the plate, from the 96-head. */
  readonly bufferUl: number;
  readonly mixCycles: number;
  readonly samples: readonly SamplePlan[];
}

/** Two commands and two for each mixing cycle. */
export const diluteWell = protocolFunction(
  {
    name: 'dilute_well',
    version: '1.0.0',
    description: 'Carries a volume from well to well with the tip that is on, and mixes there.',
    kind: 'inline',
    parameters: {
      from: param.text({ pattern: '[A-H]([1-9]|1[0-2])' }),
      to: param.text({ pattern: '[A-H]([1-9]|1[0-2])' }),
      transferUl: param.number({ unit: 'µL', min: 1, max: 300 }),
      mixCycles: param.integer({ min: 0, max: 20 }),
    },
    assets: { lh: machine.liquidHandler(), source: labware.plate({ wells: 96 }), plate: labware.plate({ wells: 96 }) },
  },
  async ({ from, to, transferUl, mixCycles }, { lh, source, plate }) => {
    await lh.aspirate(source.wells(from), transferUl);
    await lh.dispense(plate.wells(to), transferUl);
    for (let cycle = 0; cycle < mixCycles; cycle++) {
      await lh.aspirate(plate.wells(to), transferUl * MIX_FRACTION);
      await lh.dispense(plate.wells(to), transferUl * MIX_FRACTION);
    }
  },
);

export const diluteSample = protocolFunction(
  {
    name: 'dilute_sample',
    version: '1.0.0',
    description: 'Dilutes one sample down a column of the plate with one tip.',
    parameters: {
      from: param.text({ pattern: '[A-H]([1-9]|1[0-2])' }),
      wells: param.wells({ wells: 96, min: 1, max: 8 }),
      transferUl: param.number({ unit: 'µL', min: 1, max: 300 }),
      mixCycles: param.integer({ min: 0, max: 20 }),
    },
    assets: {
      lh: machine.liquidHandler(),
      samples: labware.plate({ wells: 96 }),
      plate: labware.plate({ wells: 96 }),
      tips: labware.tipRack({ spots: 96 }),
    },
  },
  async ({ from, wells, transferUl, mixCycles }, { lh, samples, plate, tips }, run) => {
    await lh.pickUpTips(tips.spots(from));
    const tipOn = run.onCleanup('discard the tip', () => lh.discardTips());
    for (const [step, to] of wells.entries()) {
      const before = step === 0 ? { from, source: samples } : { from: wells[step - 1] as string, source: plate };
      await diluteWell({ from: before.from, to, transferUl, mixCycles }, { lh, source: before.source, plate });
    }
    await lh.dropTips(tips.spots(from));
    tipOn.dispose();
  },
);

/** Four commands for the buffer; for each sample two and, for each of eight wells, two and two for each mixing cycle. */
export const antigenDilutionSeries = protocolFunction(
  {
    name: 'antigen_dilution_series',
    version: '1.0.0',
    isTopLevel: true,
    description: 'Plans dilution series of several samples, asks for approval and carries them out.',
    parameters: {
      sampleIds: param.list({
        of: param.text({ min: 1, max: 50 }),
        min: 1,
        max: 8,
        default: ['S1', 'S2', 'S3'],
        description: 'Samples, in A1, B1, … of the samples plate',
      }),
      volumesUl: param.list({
        of: param.number({ unit: 'µL', min: 1, max: 300 }),
        min: 1,
        max: 8,
        default: [50, 50, 50],
        description: 'Volume of each sample that may be taken',
      }),
      factors: param.list({
        of: param.number({ min: 1.1, max: 100 }),
        min: 1,
        max: 8,
        default: [2, 2, 5],
        description: 'Dilution factor of each step of each sample',
      }),
      mixCycles: param.integer({ min: 0, max: 20, default: 3, description: 'Mixing strokes after each transfer' }),
    },
    assets: {
      lh: machine.liquidHandler({ description: 'Pipettes; has a 96-head' }),
      samples: labware.plate({ wells: 96, description: 'Samples in column 1, from A1 down' }),
      plate: labware.plate({ wells: 96, description: 'Takes the series, one column for each sample, from column 2 on' }),
      buffer: labware.plate({ wells: 1, description: 'Reservoir of buffer' }),
      tips96: labware.tipRack({ spots: 96, description: 'A full rack for the 96-head' }),
      tips: labware.tipRack({ spots: 96, description: 'One tip for each sample, in column 1' }),
    },
  },
  async (given, { lh, samples, plate, buffer, tips96, tips }, run) => {
    const plan = planSeries(given);
    const question = `Dilute ${plan.samples.length} samples in ${plate.name} with ${plan.bufferUl} µL buffer a well?`;
    if (!(await run.ask.confirm(question, { details: toDetails(plan) }))) return { plan: toDetails(plan), done: false };
    await lh.pickUpTips96(tips96);
    const tipsOn = run.onCleanup('discard the tips of the 96-head', () => lh.discardTips96());
    await lh.aspirate96(buffer, plan.bufferUl);
    await lh.dispense96(plate, plan.bufferUl);
    await lh.dropTips96(tips96);
    tipsOn.dispose();
    for (const { from, wells, transferUl } of plan.samples) {
      await diluteSample({ from, wells, transferUl, mixCycles: plan.mixCycles }, { lh, samples, plate, tips });
    }
    return { plan: toDetails(plan), done: true };
  },
);

export interface SeriesRequest {
  readonly sampleIds: readonly string[];
  readonly volumesUl: readonly number[];
  readonly factors: readonly number[];
  readonly mixCycles: number;
}

/**
 * The 96-head gives every well the same buffer, so the sample with the least liquid to spare sets its volume.
 * Throws PARAMETER_RANGE for lists of unequal length and for transfers too small to pipette.
 */
export function planSeries({ sampleIds, volumesUl, factors, mixCycles }: SeriesRequest): SeriesPlan {
  if (volumesUl.length !== sampleIds.length || factors.length !== sampleIds.length) {
    throw new LabError('PARAMETER_RANGE', {
      message: `${sampleIds.length} samples need as many volumes and factors, not ${volumesUl.length} and ${factors.length}.`,
      field: 'parameters.sampleIds',
    });
  }
  const affordable = volumesUl.map((volumeUl, index) => volumeUl * ((factors[index] as number) - 1));
  const bufferUl = round(Math.min(BUFFER_MAX_UL, ...affordable));
  const samples = sampleIds.map((id, index): SamplePlan => {
    const factor = factors[index] as number;
    const transferUl = round(bufferUl / (factor - 1));
    if (transferUl < TRANSFER_MIN_UL) {
      throw new LabError('PARAMETER_RANGE', {
        message: `${id}: factor ${factor} with ${bufferUl} µL buffer carries ${transferUl} µL a step; at least ${TRANSFER_MIN_UL} µL can be pipetted.`,
        field: 'parameters.factors',
        remedy: 'Bring the factors closer together, or allow more volume of the samples with small factors.',
      });
    }
    return { id, from: `${ROWS[index] ?? ''}1`, wells: ROWS.map((row) => `${row}${FIRST_COLUMN + index}`), factor, transferUl };
  });
  return { bufferUl, mixCycles, samples };
}

function toDetails({ bufferUl, mixCycles, samples }: SeriesPlan) {
  return { bufferUl, mixCycles, samples: samples.map((sample) => ({ ...sample })) };
}

/** To a hundredth of a microlitre, finer than any pipette. */
function round(volumeUl: number): number {
  return Math.round(volumeUl * 100) / 100;
}
