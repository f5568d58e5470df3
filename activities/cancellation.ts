// Why an activity's signal was aborted: a run wants its work ended early, the worker is about to go, or the execution of
// the workflow that asked for the work has closed, in which cases the work goes on elsewhere. Other reasons end nothing.

import { CancelledFailure } from '@temporalio/activity';
import type { Attention } from '../workcell/attention.js';

/** How Temporal names the reasons. */
const RUN_CANCELS = 'CANCELLED';
const WORKER_STOPS = 'WORKER_SHUTDOWN';
/** The workflow has continued as new, was ended from outside, or has another attempt under way: whoever waits attaches again. */
const NOBODY_WAITS = 'NOT_FOUND';

/** `shallStop`: the run has wanted the end since before the activity began. */
export function readCancellation(signal: AbortSignal, shallStop = false): Attention {
  const [stop, leave] = [new AbortController(), new AbortController()];
  if (shallStop) stop.abort();
  const look = (): void => {
    if (readReason(signal) === RUN_CANCELS) stop.abort();
    if (isLeft(signal)) leave.abort();
  };
  if (signal.aborted) look();
  else signal.addEventListener('abort', look, { once: true });
  return { stop: stop.signal, leave: leave.signal };
}

/** Nobody waits for the end of the activity any more: it lets go, and stops nothing. */
export function isLeft(signal: AbortSignal): boolean {
  const reason = readReason(signal);
  return reason === WORKER_STOPS || reason === NOBODY_WAITS;
}

function readReason(signal: AbortSignal): string {
  return signal.reason instanceof CancelledFailure ? signal.reason.message : '';
}
