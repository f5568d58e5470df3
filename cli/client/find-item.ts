// Finds the inbox item that a person means on the command line.

import type { ApiClient } from './api-client.js';
import { CliError, EXIT_BAD_INPUT } from '../terminal/exit.js';
import type { InboxItem } from '../../domain/inbox/inbox.js';

const PREFIX_LENGTH_MIN = 6;

/** An item by id; an open one by the beginning of its id, by its run where that has one open item, or the newest one. */
export async function findItem(api: ApiClient, given: string): Promise<InboxItem> {
  const open = await api.readAll('listInbox', { query: { status: 'open' } });
  if (given === 'last') return open.at(-1) ?? refuse('Nothing waits for a person.');
  const exact = open.find(({ id }) => id === given);
  if (exact) return exact;
  // Ids of items begin with the id of their run, so the beginning of a run's id finds its items too.
  const found = given.length < PREFIX_LENGTH_MIN ? [] : open.filter(({ id }) => id.startsWith(given));
  const [item, ...others] = found;
  if (item && others.length === 0) return item;
  if (item) return refuse(`${found.length} open items begin with '${given}': ${found.map(({ id }) => id).join(', ')}.`);
  if (given.includes('/')) return api.getInboxItem({ params: { id: given } });
  return refuse(
    given.length < PREFIX_LENGTH_MIN
      ? `'${given}' is too short; give at least ${PREFIX_LENGTH_MIN} characters.`
      : `No open item begins with '${given}'.`,
  );
}

function refuse(message: string): never {
  throw new CliError(EXIT_BAD_INPUT, {
    code: 'ITEM_NOT_FOUND',
    field: 'id',
    message,
    remedy: 'See what waits for a person with: praxis inbox.',
  });
}
