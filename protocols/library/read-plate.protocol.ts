// A gripper puts a plate into a reader, the reader reads it, the gripper puts it back: two machines and a plate that travels.

import { labware, LabError, machine, param, protocolFunction, site, type Site } from '../sdk/index.js';
import { summariseReadings } from './summarise-readings.js';

/**
 * Six steps, eight commands: a move is a pick-up and a drop, so that whatever happens between them is known.
 * The reader is held for the whole run: another run must not close it on the gripper.
 */
export const readPlate = protocolFunction(
  {
    name: 'read_plate',
    version: '1.0.0',
    isTopLevel: true,
    description: 'Moves a plate into a reader, reads its absorbance and moves it back.',
    parameters: {
      wavelengthNm: param.integer({ unit: 'nm', min: 200, max: 1000, default: 580, description: 'Wavelength of the read' }),
      finalLocation: param.text({
        pattern: '[A-Za-z][A-Za-z0-9_]*:\\d{1,2}',
        default: 'plate_carrier:0',
        description: 'Where the plate stands afterwards: carrier and site from 0, for example plate_carrier:0',
      }),
    },
    assets: {
      lh: machine.liquidHandler({ description: 'Has a gripper for plates' }),
      reader: machine.plateReader({ description: 'Within reach of the gripper, and empty' }),
      plate: labware.plate({ wells: 96, description: 'The plate to read' }),
    },
  },
  async ({ wavelengthNm, finalLocation }, { lh, reader, plate }, run) => {
    const destination = toSite(finalLocation);
    await reader.open();
    await lh.pickUpResource(plate);
    await lh.dropResource(reader);
    await reader.close();
    const readings = await reader.readAbsorbance({ wavelengthNm });
    await reader.open();
    await lh.pickUpResource(plate);
    await lh.dropResource(destination);
    run.data.save('absorbance', readings);
    return { finalLocation, ...summariseReadings(readings) };
  },
);

function toSite(text: string): Site {
  const [carrier, index] = text.split(':');
  if (carrier === undefined || index === undefined)
    throw new LabError('PARAMETER_TYPE', { message: `'${text}' is no site; write carrier:index.` });
  return site(carrier, Number(index));
}
