// One read of a plate that stands in a reader: absorbance or fluorescence.

import { labware, machine, param, protocolFunction } from '../sdk/index.js';
import { summariseReadings } from './summarise-readings.js';

/** One command. */
export const plateReaderAssay = protocolFunction(
  {
    name: 'plate_reader_assay',
    version: '1.0.0',
    isTopLevel: true,
    description: 'Reads absorbance or fluorescence of a plate once.',
    parameters: {
      kind: param.choice({ choices: ['absorbance', 'fluorescence'], default: 'absorbance', description: 'What to read' }),
      wavelengthNm: param.integer({ unit: 'nm', min: 200, max: 1000, default: 450, description: 'Wavelength of an absorbance read' }),
      excitationNm: param.integer({ unit: 'nm', min: 200, max: 1000, default: 485, description: 'Excitation of a fluorescence read' }),
      emissionNm: param.integer({ unit: 'nm', min: 200, max: 1000, default: 528, description: 'Emission of a fluorescence read' }),
      focalHeightMm: param.number({ unit: 'mm', min: 0, max: 25, default: 8.5, description: 'Focal height of a fluorescence read' }),
      wells: param.wells({ min: 1, max: 96, default: 'A1:H12', description: 'Wells to read' }),
    },
    assets: {
      reader: machine.plateReader({ description: 'Reads; the plate stands in it' }),
      plate: labware.plate({ wells: 96, description: 'The plate in the reader' }),
    },
  },
  async ({ kind, wavelengthNm, excitationNm, emissionNm, focalHeightMm, wells }, { reader, plate }, run) => {
    const chosen = { wells: plate.wells(wells.join(',')) };
    const readings =
      kind === 'absorbance'
        ? await reader.readAbsorbance({ wavelengthNm, ...chosen })
        : await reader.readFluorescence({ excitationNm, emissionNm, focalHeightMm, ...chosen });
    run.data.save(kind, readings);
    return { kind, ...summariseReadings(readings) };
  },
);
