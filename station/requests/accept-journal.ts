// A person has looked and accepts the journal that the bridge has: it takes commands again.

import type { RequestBody } from '../../contract/requests/requests.js';
import type { Asked, RequestWorld } from './request-world.js';

export async function acceptJournal(
  { keeper, journalBridge }: RequestWorld,
  { note }: RequestBody<'accept-journal'>,
  { by }: Asked,
): Promise<void> {
  await keeper.accept(journalBridge, { by, note });
}
