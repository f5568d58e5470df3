// Makes true in the bridge what a person did with their hands for a run, labware carried or replaced, and ends the item that
// asked for it. What the bridge refuses leaves the item open.

import { closeItem } from '../db/inbox/inbox.queries.js';
import { noteRequester, readRunFence } from '../db/assets/replaceable.queries.js';
import type { HandWorkRequest } from './activity-types.js';
import type { ControlWorld } from './control-world.js';

export async function endHandWork(world: ControlWorld, { runId, labware, to, given }: HandWorkRequest): Promise<void> {
  const { db, shipper } = world;
  const { itemId, by, note, atMs } = given;
  if (given.answer === true) {
    const fence = await readRunFence(db, runId);
    if (to === null) await replace(world, { itemId, runId, labware, fence, by });
    else
      for (const name of labware)
        await world.bridge.request('labware.place', { requestId: `${itemId}/${name}`, labware: name, location: to, fence, by, note });
    await shipper.catchUp();
  }
  await closeItem(db, { itemId, runId, status: 'answered', given, atMs });
}

/** The id of the item makes a repeated request the same one. */
async function replace(
  { db, bridge }: ControlWorld,
  { itemId, runId, labware, fence, by }: { itemId: string; runId: string; labware: readonly string[]; fence: number; by: string },
): Promise<void> {
  await noteRequester(db, itemId, by);
  await bridge.request('labware.replace', { requestId: itemId, runId, labware, fence });
}
