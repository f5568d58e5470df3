// Cleanups of a call: last in first out, shielded from cancellation, bounded in time, every one tried.

import { LabError } from '../../domain/errors/error.js';
import { cutText, toThrown } from '../../domain/values/thrown.js';
import { requireNothingOpen } from '../replay/author-promises.js';
import type { CallEngine } from '../execution/engine.js';
import { abandonScope, NativePromise, settleScope, standings, type Cleanup, type Scope, type Standing } from '../replay/scope.js';
import { endAtTrip } from '../replay/steps.js';

/** Of the message of one cleanup; the run's error has room for some of them. */
const FAILURE_LIMIT_CHARACTERS = 1_000;

/** What went wrong in cleanups; the run's error names it and its machines need a look. */
export class CleanupError extends Error {
  override readonly name = 'CleanupError';
}

/** Runs what was registered for this ending. Throws a CleanupError when any of it failed, after trying all. */
export async function runCleanups(
  scope: Scope,
  ending: 'completed' | 'failed',
  { limitCleanup: limit = (cleanup) => cleanup(), sections }: Pick<CallEngine, 'limitCleanup' | 'sections'> = {},
): Promise<void> {
  if (scope.cleanups.length === 0) return;
  const chosen = scope.cleanups.filter((cleanup) => ending === 'failed' || cleanup.when === 'always').reverse();
  scope.cleanups = [];
  const failures: string[] = [];
  for (const cleanup of chosen) {
    const standing = { scope, isShielded: true, isCleaning: true };
    const giveUp = (): void => {
      standing.isCleaning = false;
      abandonScope(scope);
    };
    try {
      await limit(() => runOne(standing, cleanup, giveUp), giveUp);
    } catch (thrown) {
      const error = toThrown(thrown);
      const failure = `'${cleanup.name}' failed: ${error instanceof LabError ? `${error.code}: ` : ''}${cutText(error.message, FAILURE_LIMIT_CHARACTERS)}`;
      failures.push(failure);
      // At once: the section around it may be the next that ends.
      sections?.noteDoubt(`Cleanup ${failure}`);
    }
  }
  if (failures.length > 0) throw new CleanupError(`Cleanup ${failures.join('; ')}`);
}

async function runOne(standing: Standing, cleanup: Cleanup, giveUp: () => void): Promise<void> {
  const { scope } = standing;
  const brokenOff = new Promise<never>((_resolve, reject) => {
    scope.breakOff = (error) => {
      giveUp();
      reject(error);
    };
  });
  brokenOff.catch(() => undefined);
  try {
    await NativePromise.race([standings.run(standing, () => endAtTrip(cleanup.run, giveUp)), brokenOff]);
    requireNothingOpen(standing);
  } finally {
    await settleScope(scope);
  }
}
