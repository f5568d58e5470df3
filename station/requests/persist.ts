// Asks a bridge again while it cannot be reached: one that is being started again is waited for, no longer than its asker waits. And
// says of what was done, where the lists cannot show it yet, that it was done.

import { setTimeout as sleep } from 'node:timers/promises';
import { LabError } from '../../domain/errors/error.js';
import type { Asked, RequestWorld } from './request-world.js';

const AGAIN_INTERVAL_MS = 100;

export async function persist<T>(ask: () => Promise<T>, end: AbortSignal): Promise<T> {
  const tooLate = new Promise<never>((_, reject) => {
    const give = (): void => reject(new LabError('BRIDGE_UNREACHABLE', { message: 'The bridge of the workcell does not answer.' }));
    if (end.aborted) give();
    else end.addEventListener('abort', give, { once: true });
  });
  tooLate.catch(() => undefined);
  for (;;) {
    try {
      return await Promise.race([ask(), tooLate]);
    } catch (error) {
      if (end.aborted || !(error instanceof LabError && error.code === 'BRIDGE_UNREACHABLE')) throw error;
      await sleep(AGAIN_INTERVAL_MS);
    }
  }
}

/** Who reads only that something does not answer would think that nothing was done. */
export async function showOutcome({ shipper }: RequestWorld, { end }: Asked, done: { what: string; remedy: string }): Promise<void> {
  await persist(() => shipper.catchUp(), end).catch((error: unknown) => {
    const known = error instanceof LabError ? error : new LabError('INTERNAL', { message: String(error) });
    const message = `${done.what}; only the lists do not show it yet: ${known.message}`;
    throw new LabError(known.code, { message, remedy: done.remedy, cause: error });
  });
}
