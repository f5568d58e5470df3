// Why an activity's signal was aborted: a run wants its work ended early, or the worker is about to go, in which
// case the work goes on elsewhere. Other reasons (a late heartbeat, a lost attempt) end nothing.

import { CancelledFailure } from '@temporalio/activity';
import type { Attention } from '../workcell/attention.js';

/** How Temporal names the two reasons. */
const RUN_CANCELS = 'CANCELLED';
export const WORKER_STOPS = 'WORKER_SHUTDOWN';

export function readCancellation(signal: AbortSignal): Attention {
  const [stop, leave] = [new AbortController(), new AbortController()];
  const look = (): void => {
    const reason = signal.reason instanceof CancelledFailure ? signal.reason.message : '';
    if (reason === RUN_CANCELS) stop.abort();
    if (reason === WORKER_STOPS) leave.abort();
  };
  if (signal.aborted) look();
  else signal.addEventListener('abort', look, { once: true });
  return { stop: stop.signal, leave: leave.signal };
}
