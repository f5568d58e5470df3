// A cleanup is shielded from pause and cancel, so time is what ends one that hangs: it then counts as failed, its code acts
// no more, and the machines of the run are quarantined. Waiting for a person and for the release of a stop does not count.

import { CancellationScope, condition, patched } from '@temporalio/workflow';
import { LabError } from '../../domain/errors/error.js';
import type { RunControl } from './control.js';
import type { Gate } from '../replay/gate.js';
import { NativePromise } from '../replay/scope.js';
import { readWorkflowTimeMs } from '../replay/workflow-clock.js';

export const CLEANUP_LIMIT_MS = 30 * 60_000;
/** A cleanup whose workflow continued as new may have waited for a person before; it gets at least this part of the limit again. */
const LEAST_PART = 0.1;
/** Runs that began before there was a limit have none. */
const CLEANUP_LIMIT_PATCH = 'cleanup-limit';

/** Resolves with the cleanup. Throws CLEANUP_TOO_LONG after calling `giveUp`. */
export type LimitCleanup = (cleanup: () => Promise<void>, giveUp: () => void) => Promise<void>;

export function createCleanupLimit({
  control,
  gate,
  limitMs,
}: {
  control: RunControl;
  gate: Pick<Gate, 'now'>;
  limitMs: number;
}): LimitCleanup {
  const isWaitingForPerson = (): boolean => control.state.pauseReasons.some((reason) => reason === 'stop-all' || reason === 'uncertain');
  const passLimit = async (): Promise<void> => {
    let leftMs = Math.max(limitMs - (readWorkflowTimeMs() - gate.now()), limitMs * LEAST_PART);
    for (;;) {
      await condition(() => !isWaitingForPerson());
      const beganAtMs = readWorkflowTimeMs();
      if (!(await condition(isWaitingForPerson, Math.max(1, Math.ceil(leftMs))))) return;
      leftMs -= readWorkflowTimeMs() - beganAtMs;
    }
  };
  return async (cleanup, giveUp) => {
    if (!patched(CLEANUP_LIMIT_PATCH)) return cleanup();
    const clock = new CancellationScope();
    const tooLong = clock.run(passLimit).then(() => {
      giveUp();
      throw new LabError('CLEANUP_TOO_LONG', { message: `It did not end within ${limitMs / 60_000} minutes.` });
    });
    // Cancelled with its clock where the cleanup ends first; nobody listens then.
    tooLong.catch(() => undefined);
    try {
      await NativePromise.race([cleanup(), tooLong]);
    } finally {
      clock.cancel();
    }
  };
}
