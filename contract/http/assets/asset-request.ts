// What is asked of machines and labware.

import { z } from 'zod';
import { json, name, note, reason } from '../values.js';

/** As the bridge takes it. */
export const SITE_MAX = 1_000;
const site = z.int().min(0).max(SITE_MAX);

export const machineParams = z.strictObject({ name: z.string().max(200).meta({ description: 'Machine name or id' }) });
export const labwareParams = z.strictObject({ name: z.string().max(200).meta({ description: 'Labware name or id' }) });
export const releaseRequest = z
  .strictObject({ note: z.string().trim().min(1).max(1_000).meta({ description: 'What you saw when you looked at the machine.' }) })
  .meta({ id: 'ReleaseRequest', description: 'A person has looked at a quarantined machine and gives it free.' });
export const placeRequest = z
  .strictObject({
    location: z.union([z.strictObject({ carrier: name, site }), z.strictObject({ machine: name, site: site.exactOptional() })]).meta({
      description: 'A site of a carrier, from 0; or a machine, with its site where it has several.',
    }),
    note: note('Why, for the record.'),
  })
  .meta({ id: 'PlaceRequest', description: 'A person has put an item somewhere.' });
export const connectRequest = z
  .strictObject({
    note: note('What you saw before: nothing is in the way of its axes.'),
  })
  .meta({ id: 'ConnectRequest', description: 'A person stands at the machine and has it connected.' });
export const commandRequest = z
  .strictObject({
    method: name.meta({ description: 'A command of the machine, in words of PyLabRobot or of the SDK.' }),
    arguments: z.record(z.string(), json).default({}).meta({
      description: 'By name, in words of either; labware as plate_1 or plate_1:A1, or as {"$ref"}, {"$item"}, {"$site"}.',
    }),
    runId: z.string().max(200).optional().meta({ description: 'Run that waits for a person and holds the machine.' }),
    reason,
  })
  .meta({ id: 'CommandRequest', description: 'A command that a person gives to a machine by hand.' });
export type CommandRequest = z.output<typeof commandRequest>;
export const abortRequest = z
  .strictObject({ note: note('Why, for the record.') })
  .meta({ id: 'AbortRequest', description: 'A person ends what a machine does.' });
