// A protocol that took another way than the first time. What it would do now fits nothing that was done, so nothing of it is
// done, its cleanups included: the run is held, a person reads both ways, looks at the machines, and ends the run. Its open calls
// stand still until then, and are ended before it.

import { CancellationScope, condition, isCancellation } from '@temporalio/workflow';
import { toThrown } from '../../domain/values/thrown.js';
import { adoptChildren, endChildren } from './end-children.js';
import type { Engine } from '../execution/engine.js';
import { stopBeforeEnd } from '../execution/moving-commands.js';

const NOT_CLEANED_UP = 'Its cleanups did not run, because the protocol is not where it was; look at its machines.';

/** What the run ends with, once a person has seen it or it was cancelled. Its machines are quarantined then. */
export async function askAboutOtherWay(engine: Engine, callPath: string, mismatch: unknown): Promise<{ readonly error: unknown }> {
  const { input, inbox, control, cleanupFailures } = engine;
  const scope = new CancellationScope();
  void condition(() => control.isCancelled()).then(() => {
    scope.cancel();
  });
  const subject = {
    kind: 'choose',
    text: `${toThrown(mismatch).message} Nothing goes on by itself. Look at the machines of the run, then abort it.`,
    choices: ['abort'],
  } as const;
  const itemId = `${input.runId}/${callPath}/way${input.carried?.generation ?? 0}`;
  const holder = { reason: 'policy', holder: itemId } as const;
  adoptChildren(engine);
  await control.hold({ ...holder, isHeld: true });
  try {
    await scope.run(() => inbox.ask({ itemId, callPath, subject, isOpen: false }));
    return { error: mismatch };
  } catch (error) {
    // Who cannot be asked is told by the end of the run.
    return { error: isCancellation(error) ? error : mismatch };
  } finally {
    cleanupFailures.push(NOT_CLEANED_UP);
    await stopBeforeEnd(control.moving);
    await endChildren(engine);
    await control.hold({ ...holder, isHeld: false });
  }
}
