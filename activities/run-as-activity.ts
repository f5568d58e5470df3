// What every activity needs around its work: beats while it runs, errors that Temporal understands, and an end
// as soon as its worker stops, so that the next worker takes it up at once instead of after a timeout.

import { CancelledFailure, Context } from '@temporalio/activity';
import { LabError } from '../domain/error.js';
import { WORKER_STOPS } from './cancellation.js';
import { toApplicationFailure } from './to-failure.js';

const HEARTBEAT_INTERVAL_MS = 100;

/** The work may still be under way when this has thrown WORKER_STOPPING, so it must bear being done twice. */
export async function runAsActivity<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const context = Context.current();
  const timer = setInterval(() => { context.heartbeat(); }, HEARTBEAT_INTERVAL_MS);
  try {
    return await Promise.race([work(context.cancellationSignal), failWhenWorkerStops(context)]);
  } catch (error) {
    throw error instanceof LabError ? toApplicationFailure(error) : error;
  } finally {
    clearInterval(timer);
  }
}

/** The other reasons of a cancellation are for the work itself to heed. */
async function failWhenWorkerStops(context: Context): Promise<never> {
  try {
    return await context.cancelled;
  } catch (error) {
    if (!(error instanceof CancelledFailure) || error.message !== WORKER_STOPS) return new Promise<never>(() => undefined);
    throw new LabError('WORKER_STOPPING', { cause: error });
  }
}
