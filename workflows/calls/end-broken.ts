// Failures of the engine itself: a result that was kept outside cannot be read again, a call log or an end is refused for good. The
// workflow ends with the reason like any other, tells whoever waits for it, and nothing of it moves after that.

import type { Json } from '../../domain/json/json.js';
import { endChildren } from './end-children.js';
import type { Engine } from '../execution/engine.js';
import { requireOutcome } from '../replay/translate-errors.js';
import { stopBeforeEnd } from '../execution/moving-commands.js';

const NOT_CLEANED_UP = 'Its cleanups did not run, because the engine could not go on; look at its machines.';

/** What became of the author's function. */
export type CallEnding = { readonly result: Json } | { readonly error: unknown };

/** What a workflow ends with that cannot lead its author's function to an end. Its machines are quarantined then. */
export async function endBroken(engine: Engine, error: unknown): Promise<{ readonly error: unknown }> {
  const reason = requireOutcome(error, 'The engine');
  await stopBeforeEnd(engine.control.moving);
  await endChildren(engine);
  engine.cleanupFailures.push(NOT_CLEANED_UP);
  return { error: reason };
}

/**
 * Sends so much of the call log that an end can take the rest along. What is refused of it is told of by a note. Where nothing can be written the
 * call fails with that, and nobody is kept from hearing of its end: a caller is handed the note.
 */
export async function lightenLog(
  { callLog }: Engine,
  ending: CallEnding,
): Promise<{ readonly ending: CallEnding; readonly isLogLost: boolean }> {
  try {
    await callLog.lighten();
    return { ending, isLogLost: false };
  } catch (error) {
    const reason = requireOutcome(error, 'The call log');
    return { ending: 'error' in ending ? ending : { error: reason }, isLogLost: true };
  }
}
