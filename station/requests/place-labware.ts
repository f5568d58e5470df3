// A person has put labware somewhere: no run holds it, and none is granted it meanwhile.

import type { RequestBody } from '../../contract/requests/requests.js';
import { withReplaceable } from '../../db/assets/replaceable.queries.js';
import { limitBridgeAnswer } from '../../workcell/limit-bridge-answer.js';
import type { Asked, RequestWorld } from './request-world.js';

export async function placeLabware(
  { db, bridge, shipper }: RequestWorld,
  { labware, location, note }: RequestBody<'place-labware'>,
  { id, by }: Asked,
): Promise<void> {
  await withReplaceable(db, labware, async (fence) => {
    const placed = bridge.request('labware.place', { requestId: `place/${id}`, labware, location, fence, by, note });
    await limitBridgeAnswer(placed, `${labware} may still be placed`);
  });
  await shipper.catchUp();
}
