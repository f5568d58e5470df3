// Tells the bridge that a person has given a machine free: it keeps a quarantine of its own, which holds with Postgres away.

import type { RequestBody } from '../../contract/requests/requests.js';
import { persist } from './persist.js';
import type { Asked, RequestWorld } from './request-world.js';

export async function releaseMachine(
  { bridge, logger }: RequestWorld,
  { machine, note }: RequestBody<'release-machine'>,
  { end }: Asked,
): Promise<void> {
  const { released } = await persist(() => bridge.request('machine.release', { machine, note }), end);
  logger.info({ machine, released }, 'the bridge knows that a person has given the machine free');
}
