// What happens to machines, labware and workcells.

import { z } from 'zod';
import { ofMachine } from './told-rows.js';
import { json } from '../http/values.js';

const row = z.int();
/** Who has said so, and what they added. */
const said = { by: z.string(), note: z.string() };

export const LAB_EVENTS = {
  'labware.replaced': z.object({ requestId: z.string(), labware: z.array(z.string()), row, by: z.string().optional() }),
  'labware.placed': z.object({ ...said, requestId: z.string(), labware: z.string(), location: json, row }),
  'machine.quarantined': z.object({ ...ofMachine, machine: z.string(), reason: z.string() }),
  'machine.released': z.object({
    ...ofMachine,
    machine: z.string(),
    releasedBy: z.string(),
    note: z.string(),
    commandId: z.string().optional(),
  }),
  'machine.connecting': z.object({ ...said, machine: z.string(), row }),
  'machine.aborted': z.object({ ...said, machine: z.string(), commands: z.array(json), row }),
  'workcell.stopped': z.object({ workcell: z.string(), rev: z.int(), by: z.string(), reason: z.string(), row }),
  'workcell.released': z.object({ workcell: z.string(), rev: z.int(), by: z.string(), reason: z.string(), row }),
  'workcell.journal-lost': z.object({ workcell: z.string(), because: z.string() }),
  'workcell.journal-accepted': z.object({ ...said, workcell: z.string(), because: z.string() }),
};
