// A tracked call: path at call time, log entries at start and end, cleanups at its end whatever happened.

import { isCancellation } from '@temporalio/workflow';
import type { CallKind } from '../domain/call.js';
import { LabError } from '../domain/error.js';
import type { Json } from '../domain/json.js';
import { toJson } from '../protocols/sdk/codec.js';
import type { Run } from '../protocols/sdk/run.js';
import type { CallRequest, CallWorld } from '../protocols/sdk/runtime.js';
import { toError, toErrorRecord } from './failures.js';
import { createRandom } from './random.js';
import { CleanupError, runCleanups } from './run-cleanups.js';
import { abandonScope, createScope, isLeftOver, keepUntilSettled, nextCallPath, settleScope, standings, waitForEver, type Scope } from './scope.js';
import { sendCommand, type CommandWorld } from './send-command.js';

export interface CallTracker {
  /** The run itself: the root of the tree. */
  callRoot(request: CallRequest, body: (world: CallWorld) => Promise<Json>): Promise<Json>;
  /** A call made by the call that is running. */
  callNested(request: CallRequest, body: (world: CallWorld) => Promise<Json>): Promise<Json>;
  /** Cleanups that failed, in order; empty where all went well. */
  readonly cleanupFailures: readonly string[];
}

type Body = (world: CallWorld) => Promise<Json>;

export function createCallTracker(world: CommandWorld): CallTracker {
  const cleanupFailures: string[] = [];

  /** Runs the body to its end, or to the point where nobody waits for it any more, and then its cleanups. */
  const track = async (call: TrackedCall, body: Body): Promise<Json> => {
    const { request, scope, kind, isShielded, abandoned } = call;
    const { path } = scope;
    const { name, version } = request.definition;
    world.callLog.add({ phase: 'started', path, atMs: world.gate.now(), name, version, kind, arguments: request.parameters });
    try {
      const callWorld = toCallWorld(world, scope);
      const result = await Promise.race([standings.run({ scope, isShielded, isCleaning: false }, () => body(callWorld)), abandoned]);
      scope.isBodyOver = true;
      await settleScope(scope);
      await runCleanups(scope, 'completed');
      world.callLog.add({ phase: 'completed', path, atMs: world.gate.now(), result: toJson(result, `the result of ${name}`) });
      return result;
    } catch (error) {
      abandonScope(scope);
      await settleScope(scope);
      if (error instanceof CleanupError) cleanupFailures.push(error.message);
      else await runCleanups(scope, 'failed').catch((failure: unknown) => { cleanupFailures.push((failure as Error).message); });
      const phase = isCancellation(error) || isAbandonment(error) ? 'cancelled' : 'failed';
      world.callLog.add({ phase, path, atMs: world.gate.now(), error: toErrorRecord(error, path) });
      throw error;
    }
  };

  return {
    cleanupFailures,
    callRoot: (request, body) => {
      const scope = createScope(request.definition.name);
      return track({ request, scope, kind: 'run', isShielded: false, abandoned: waitForEver() }, body);
    },
    callNested: (request, body) => {
      const standing = standings.getStore();
      if (!standing || isLeftOver(standing.scope)) return waitForEver();
      const scope = createScope(nextCallPath(standing.scope, request.definition.name));
      const abandonment = createAbandonment(scope);
      const ended = track({ request, scope, kind: 'inline', isShielded: standing.isShielded, abandoned: abandonment.promise }, body);
      const open = { abandon: abandonment.abandon, ended };
      keepUntilSettled(standing.scope.openCalls, open, ended);
      return hideAbandonment(ended);
    },
  };
}

interface TrackedCall {
  readonly request: CallRequest;
  readonly scope: Scope;
  readonly kind: CallKind;
  readonly isShielded: boolean;
  /** Rejects when the caller has failed in another branch. */
  readonly abandoned: Promise<never>;
}

function createAbandonment(scope: Scope): { promise: Promise<never>; abandon: () => void } {
  let reject: (error: LabError) => void = () => undefined;
  const promise = new Promise<never>((_resolve, rejectPromise) => { reject = rejectPromise; });
  // Most calls are never abandoned and nobody listens then.
  promise.catch(() => undefined);
  const abandon = (): void => {
    // At once, so that no code of the body comes in between.
    abandonScope(scope);
    reject(new LabError('CALL_ABANDONED'));
  };
  return { promise, abandon };
}

/** The author's code that made an abandoned call is left over itself: it hears nothing more. */
function hideAbandonment(ended: Promise<Json>): Promise<Json> {
  const seen = new Promise<Json>((resolve, reject) => {
    ended.then(resolve, (error: unknown) => { if (!isAbandonment(error)) reject(toError(error)); });
  });
  // A call that the author never awaits must not fail the workflow task when it fails.
  seen.catch(() => undefined);
  return seen;
}

function isAbandonment(error: unknown): boolean {
  return error instanceof LabError && error.code === 'CALL_ABANDONED';
}

function toCallWorld(world: CommandWorld, scope: Scope): CallWorld {
  return {
    run: createRun(world, scope),
    sender: (machine) => (method, given) => sendCommand(world, scope, { machine, method, given }),
  };
}

function createRun({ envelope, gate }: CommandWorld, scope: Scope): Run {
  const { runId, user, protocol, version, mode, workcell } = envelope;
  return Object.freeze<Run>({
    id: runId,
    user,
    protocol,
    version,
    callPath: scope.path,
    mode,
    workcell,
    now: () => gate.now(),
    random: createRandom(`${runId}/${scope.path}`),
    onCleanup: (name, run, options = {}) => {
      const cleanup = { name, run, when: options.when ?? 'failed' };
      scope.cleanups.push(cleanup);
      return { dispose: () => { scope.cleanups = scope.cleanups.filter((each) => each !== cleanup); } };
    },
  });
}
