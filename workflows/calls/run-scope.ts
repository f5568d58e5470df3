// Executes the body of a scope to its end, or to the point where nobody waits for it any more, and then its cleanups.

import { CancelledFailure, isCancellation } from '@temporalio/workflow';
import { LabError } from '../../domain/errors/error.js';
import { toThrown } from '../../domain/values/thrown.js';
import { requireNothingOpen } from '../replay/author-promises.js';
import type { CallEngine } from '../execution/engine.js';
import type { Ending } from '../replay/ledger.js';
import { CleanupError, runCleanups } from './run-cleanups.js';
import { abandonScope, isShielded, keepUntilSettled, settleScope, standings, type Scope } from '../replay/scope.js';
import { settleUnlessTripped } from '../replay/steps.js';

export async function runScope<T>(
  engine: CallEngine,
  scope: Scope,
  { body, abandonment }: { body: () => Promise<T>; abandonment: Abandonment },
): Promise<T> {
  const standing = { scope, isShielded: isShielded(), isCleaning: false };
  try {
    const result = await abandonment.guard(standings.run(standing, body));
    requireNothingOpen(standing);
    requireGoingOn(engine, standing.isShielded);
    scope.isBodyOver = true;
    await settleScope(scope);
    const decided = scope.call === scope ? engine.windows?.endCall(scope.path, 'completed') : undefined;
    if (decided) await decided;
    await runCleanups(scope, 'completed', engine);
    return result;
  } catch (thrown) {
    const error = toEnding(engine, thrown, standing.isShielded);
    abandonScope(scope);
    if (scope.call === scope) void engine.windows?.endCall(scope.path, 'failed');
    await settleScope(scope);
    if (error instanceof CleanupError) noteCleanupFailure(engine, error);
    else
      await runCleanups(scope, 'failed', engine).catch((failure: unknown) => {
        noteCleanupFailure(engine, failure);
      });
    throw error;
  }
}

/** Once: where author code is led back to where it was, a call that did nothing else fails again, and what it left was carried already. */
function noteCleanupFailure({ cleanupFailures }: CallEngine, failure: unknown): void {
  const { message } = toThrown(failure);
  if (!cleanupFailures.includes(message)) cleanupFailures.push(message);
}

/** Whatever author code has caught: once its run is ending, so do its calls. */
function requireGoingOn({ gate }: CallEngine, isShieldedCode: boolean): void {
  if (gate.ending !== undefined && !isShieldedCode) throw toEndingError(gate.ending);
}

/** What a call fails with. Of a run that is ending nothing counts but that. */
function toEnding({ gate }: CallEngine, thrown: unknown, isShieldedCode: boolean): Error {
  const error = toThrown(thrown);
  if (gate.ending === undefined || isShieldedCode || error instanceof CleanupError || isAbandonment(error)) return error;
  const isSame = gate.ending === 'cancelled' ? isCancellation(error) : error instanceof LabError && error.code === 'LEDGER_FULL';
  return isSame ? error : toEndingError(gate.ending);
}

export function toEndingError(ending: Ending): Error {
  return ending === 'cancelled' ? new CancelledFailure('The run was cancelled') : new LabError('LEDGER_FULL');
}

/** Runs a part of a call (a branch, an iteration) so that whoever ends the call ends it too. */
export function openPart<T>(
  engine: CallEngine,
  scope: Scope,
  body: () => Promise<T>,
): { readonly ended: Promise<T>; readonly abandon: () => void } {
  const abandonment = createAbandonment(scope);
  const ended = runScope(engine, scope, { body, abandonment });
  const open = { abandon: abandonment.abandon, ended };
  if (scope.caller) keepUntilSettled(scope.caller.openCalls, open, ended);
  return open;
}

export interface Abandonment {
  /** Settles as the body does, or fails as soon as the body is abandoned. For one body. */
  guard<T>(ran: Promise<T>): Promise<T>;
  /** Whoever made the call has failed. Does nothing once the body is over: cleanups run to their end. */
  readonly abandon: (reason?: Error) => void;
}

/** How the body of a scope is ended from outside. */
export function createAbandonment(scope: Scope): Abandonment {
  let reason: Error | undefined;
  let fail: ((error: Error) => void) | undefined;
  const breakOff = (error: Error): void => {
    if (scope.isBodyOver) return;
    reason = error;
    // At once, so that no code of the body comes in between; whoever waits hears of it after what is on its way already.
    abandonScope(scope);
    void Promise.resolve().then(() => fail?.(error));
  };
  scope.breakOff = breakOff;
  return {
    guard: (ran) =>
      new Promise((resolve, reject) => {
        fail = reject;
        settleUnlessTripped(ran, resolve, reject);
        if (reason) reject(reason);
      }),
    abandon: (error = new LabError('CALL_ABANDONED')) => {
      breakOff(error);
    },
  };
}

export function isAbandonment(error: unknown): boolean {
  return error instanceof LabError && error.code === 'CALL_ABANDONED';
}
