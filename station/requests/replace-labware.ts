// A person has put a fresh item in the place of a used one: no run holds it, and none is granted it meanwhile.

import type { RequestBody } from '../../contract/requests/requests.js';
import { noteRequester, withReplaceable } from '../../db/assets/replaceable.queries.js';
import { limitBridgeAnswer } from '../../workcell/limit-bridge-answer.js';
import type { Asked, RequestWorld } from './request-world.js';

export async function replaceLabware(
  { db, bridge, shipper }: RequestWorld,
  { labware }: RequestBody<'replace-labware'>,
  { id, by }: Asked,
): Promise<void> {
  const requestId = `replace/${id}`;
  await noteRequester(db, requestId, by);
  await withReplaceable(db, labware, async (fence) => {
    const replaced = bridge.request('labware.replace', { requestId, runId: null, labware: [labware], fence });
    await limitBridgeAnswer(replaced, `${labware} may still be replaced`);
  });
  await shipper.catchUp();
}
