// Cleanups of a call: last in first out, shielded from cancellation, bounded in time, every one tried.

import { LabError } from '../domain/error.js';
import type { LimitCleanup } from './limit-cleanup.js';
import { abandonScope, settleScope, standings, type Cleanup, type Scope } from './scope.js';

/** What went wrong in cleanups; the run's error names it and its machines need a look. */
export class CleanupError extends Error {
  override readonly name = 'CleanupError';
}

/** Runs what was registered for this ending. Throws a CleanupError when any of it failed, after trying all. */
export async function runCleanups(scope: Scope, ending: 'completed' | 'failed', limit: LimitCleanup = (cleanup) => cleanup()): Promise<void> {
  if (scope.cleanups.length === 0) return;
  const chosen = scope.cleanups.filter((cleanup) => ending === 'failed' || cleanup.when === 'always').reverse();
  scope.cleanups = [];
  const failures: string[] = [];
  for (const cleanup of chosen) {
    try {
      const standing = { scope, isShielded: true, isCleaning: true };
      const giveUp = (): void => {
        standing.isCleaning = false;
        abandonScope(scope);
      };
      await limit(() => standings.run(standing, () => runOne(scope, cleanup)), giveUp);
    } catch (error) {
      failures.push(`'${cleanup.name}' failed: ${error instanceof LabError ? `${error.code}: ` : ''}${error instanceof Error ? error.message : String(error)}`);
    }
  }
  if (failures.length > 0) throw new CleanupError(`Cleanup ${failures.join('; ')}`);
}

async function runOne(scope: Scope, cleanup: Cleanup): Promise<void> {
  await cleanup.run();
  await settleScope(scope);
}
