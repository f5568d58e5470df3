// Executes the body of a scope to its end, or to the point where nobody waits for it any more, and then its cleanups.

import { LabError } from '../domain/error.js';
import { toThrown } from '../domain/thrown.js';
import type { CallEngine } from './engine.js';
import { CleanupError, runCleanups } from './run-cleanups.js';
import { abandonScope, isShielded, keepUntilSettled, settleScope, standings, type Scope } from './scope.js';
import { settleUnlessTripped } from './steps.js';

export async function runScope<T>(engine: CallEngine, scope: Scope, options: { body: () => Promise<T>; abandonment?: Abandonment }): Promise<T> {
  const standing = { scope, isShielded: isShielded(), isCleaning: false };
  try {
    const ran = standings.run(standing, options.body);
    const result = await (options.abandonment?.guard(ran) ?? ran);
    scope.isBodyOver = true;
    await settleScope(scope);
    const decided = scope.call === scope ? engine.windows?.endCall(scope.path, 'completed') : undefined;
    if (decided) await decided;
    await runCleanups(scope, 'completed', engine.limitCleanup);
    return result;
  } catch (thrown) {
    const error = toThrown(thrown);
    abandonScope(scope);
    if (scope.call === scope) void engine.windows?.endCall(scope.path, 'failed');
    await settleScope(scope);
    if (error instanceof CleanupError) engine.cleanupFailures.push(error.message);
    else await runCleanups(scope, 'failed', engine.limitCleanup).catch((failure: unknown) => { engine.cleanupFailures.push(toThrown(failure).message); });
    throw error;
  }
}

/** Runs a part of a call (a branch, an iteration) so that whoever ends the call ends it too. */
export function openPart<T>(engine: CallEngine, scope: Scope, body: () => Promise<T>): { readonly ended: Promise<T>; readonly abandon: () => void } {
  const abandonment = createAbandonment(scope);
  const ended = runScope(engine, scope, { body, abandonment });
  const open = { abandon: abandonment.abandon, ended };
  if (scope.caller) keepUntilSettled(scope.caller.openCalls, open, ended);
  return open;
}

export interface Abandonment {
  /** Settles as the body does, or fails as soon as the body is abandoned. For one body. */
  guard<T>(ran: Promise<T>): Promise<T>;
  readonly abandon: (reason?: Error) => void;
}

/** How a caller that has failed ends what it left open. */
export function createAbandonment(scope: Scope): Abandonment {
  let isAbandoned = false;
  let fail: ((error: Error) => void) | undefined;
  return {
    guard: (ran) =>
      new Promise((resolve, reject) => {
        fail = reject;
        settleUnlessTripped(ran, resolve, reject);
        if (isAbandoned) fail(new LabError('CALL_ABANDONED'));
      }),
    abandon: (reason = new LabError('CALL_ABANDONED')) => {
      isAbandoned = true;
      // At once, so that no code of the body comes in between; whoever waits hears of it after what is on its way already.
      abandonScope(scope);
      void Promise.resolve().then(() => fail?.(reason));
    },
  };
}

export function isAbandonment(error: unknown): boolean {
  return error instanceof LabError && error.code === 'CALL_ABANDONED';
}
