// Asks a bridge again while it cannot be reached: one that is being started again is waited for, no longer than its asker waits.

import { setTimeout as sleep } from 'node:timers/promises';
import { LabError } from '../../domain/errors/error.js';

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
