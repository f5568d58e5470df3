// What every activity needs around its work: beats while it runs, errors that Temporal understands, and an end
// as soon as its worker stops or its workflow has closed, so that whoever goes on with it takes it up at once.

import { Context } from '@temporalio/activity';
import { LabError } from '../domain/errors/error.js';
import { isLeft } from './cancellation.js';
import { toApplicationFailure } from './to-failure.js';

/**
 * Half of the shortest heartbeat timeout. A beat costs about as much as a query; what is urgent goes another way, so that it only says that
 * the worker lives, and tells an activity which nobody waits for any more.
 */
export const HEARTBEAT_INTERVAL_MS = 950;

/** The work may still be under way when this has thrown WORKER_STOPPING, so it must bear being done twice. */
export async function runAsActivity<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const context = Context.current();
  const timer = setInterval(() => {
    context.heartbeat();
  }, HEARTBEAT_INTERVAL_MS);
  try {
    return await Promise.race([work(context.cancellationSignal), failWhenLeft(context)]);
  } catch (error) {
    throw error instanceof LabError ? toApplicationFailure(error) : error;
  } finally {
    clearInterval(timer);
  }
}

/** The other reasons of a cancellation are for the work itself to heed. */
async function failWhenLeft(context: Context): Promise<never> {
  try {
    return await context.cancelled;
  } catch (error) {
    if (!isLeft(context.cancellationSignal)) return new Promise<never>(() => undefined);
    throw new LabError('WORKER_STOPPING', { cause: error });
  }
}
