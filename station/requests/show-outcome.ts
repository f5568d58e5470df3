// Shows what was done in the lists, and says of it, where they cannot show it yet, that it was done: who reads only that something does
// not answer would think that nothing was.

import { LabError } from '../../domain/errors/error.js';
import { persist } from './persist.js';
import type { Asked, RequestWorld } from './request-world.js';

export async function showOutcome({ shipper }: RequestWorld, { end }: Asked, done: { what: string; remedy: string }): Promise<void> {
  await persist(() => shipper.catchUp(), end).catch((error: unknown) => {
    const known = error instanceof LabError ? error : new LabError('INTERNAL', { message: String(error) });
    const message = `${done.what}; only the lists do not show it yet: ${known.message}`;
    throw new LabError(known.code, { message, remedy: done.remedy, cause: error });
  });
}
