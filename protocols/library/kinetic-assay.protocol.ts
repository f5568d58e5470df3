// Growth over time: a plate is kept warm and read at an interval, each read kept as data; at the end a curve is fitted.

import { labware, LabError, machine, param, protocolFunction } from '../sdk/index.js';
import { fitGrowthCurve } from './fit-growth-curve.js';
import { summariseReadings } from './summarise-readings.js';

/** Points of the curve that travel to the fit. Longer series are thinned by half, again and again. */
const POINTS_MAX = 200;
const SHAKING_SPEED_RPM = 300;
const MS_PER_HOUR = 3_600_000;

/** What one read leaves behind for the next. A type and not an interface, so that it passes as JSON. */
type Progress = {
  readonly count: number;
  readonly last: number | null;
  /** Every how many-th read is a point of the curve. */
  readonly stride: number;
  readonly hours: readonly number[];
  readonly means: readonly number[];
};

export const fitGrowth = protocolFunction(
  {
    name: 'fit_growth',
    version: '1.0.0',
    description: 'Growth figures of a series of mean absorbances.',
    kind: 'activity',
    parameters: {
      hours: param.list({ of: param.number({ min: 0 }), max: POINTS_MAX }),
      means: param.list({ of: param.number(), max: POINTS_MAX }),
    },
  },
  ({ hours, means }) => fitGrowthCurve(hours, means),
);

/** One command for each read, two for the warmth and two for the shaking. */
export const kineticAssay = protocolFunction(
  {
    name: 'kinetic_assay',
    version: '1.0.0',
    isTopLevel: true,
    description: 'Reads a warm plate at an interval and reports its growth.',
    parameters: {
      wavelengthNm: param.integer({ unit: 'nm', min: 200, max: 1000, default: 600, description: 'Wavelength of the reads' }),
      wells: param.wells({ wells: 96, min: 1, max: 96, default: 'A1:H12', description: 'Wells to read' }),
      interval: param.duration({
        min: { seconds: 10 },
        max: { hours: 1 },
        default: { seconds: 60 },
        description: 'Time from read to read',
      }),
      duration: param.duration({
        min: { minutes: 1 },
        max: { hours: 24 },
        default: { minutes: 60 },
        description: 'Time from the first read to the end',
      }),
      temperatureC: param.number({ unit: '°C', min: 20, max: 45, default: 37, description: 'Temperature of the plate' }),
      shake: param.boolean({ default: true, description: 'Whether the plate is shaken' }),
    },
    assets: {
      reader: machine.plateReader({ description: 'Reads; the plate stands in it' }),
      heaterShaker: machine.heaterShaker({ description: 'Warms and shakes the plate in the reader: a front end of its own' }),
      plate: labware.plate({ wells: 96, description: 'The plate in the reader' }),
    },
  },
  async ({ wavelengthNm, wells, interval, duration, temperatureC, shake }, { reader, heaterShaker, plate }, run) => {
    const count = Math.floor(duration / interval);
    if (count < 1)
      throw new LabError('PARAMETER_RANGE', { message: 'The interval is longer than the assay.', field: 'parameters.interval' });
    run.onCleanup('switch the heating off', () => heaterShaker.deactivate(), { when: 'always' });
    await heaterShaker.setTemperature({ temperatureC });
    if (shake) {
      run.onCleanup('stop shaking', () => heaterShaker.stopShaking(), { when: 'always' });
      await heaterShaker.shake({ speedRpm: SHAKING_SPEED_RPM });
    }
    const places = plate.wells(wells.join(','));
    const nothing: Progress = { count: 0, last: null, stride: 1, hours: [], means: [] };
    const progress = await run.every({ interval: { milliseconds: interval }, count }, nothing, async (before, tick) => {
      const readings = await reader.readAbsorbance({ wavelengthNm, wells: places });
      run.data.save('absorbance', readings);
      const { mean } = summariseReadings(readings);
      // By the interval and not by the clock, which runs faster where a simulated run is scaled.
      return addRead(before, mean, (tick.index * interval) / MS_PER_HOUR);
    });
    const growth = await fitGrowth({ hours: progress.hours, means: progress.means }, {});
    // The last turns may be missed too, and no turn after them tells of it.
    return { reads: progress.count, missed: count - progress.count, last: progress.last, growth };
  },
);

/** Keeps the curve short: when it is full every other point goes, and from then on only every other read becomes one. */
function addRead(before: Progress, mean: number | null, hours: number): Progress {
  const counted = { ...before, count: before.count + 1, last: mean };
  if (mean === null || before.count % before.stride !== 0) return counted;
  const longer = { ...counted, hours: [...before.hours, hours], means: [...before.means, mean] };
  if (longer.hours.length < POINTS_MAX) return longer;
  const isKept = (_value: number, index: number): boolean => index % 2 === 0;
  return { ...longer, stride: before.stride * 2, hours: longer.hours.filter(isKept), means: longer.means.filter(isKept) };
}
