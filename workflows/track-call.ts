// A tracked call: path at call time, log entries at start and end, cleanups at its end whatever happened.

import { isCancellation } from '@temporalio/workflow';
import type { CallKind } from '../domain/call.js';
import type { Json } from '../domain/json.js';
import { toJson } from '../protocols/sdk/codec.js';
import type { Run } from '../protocols/sdk/run.js';
import type { CallRequest, CallWorld } from '../protocols/sdk/runtime.js';
import { toErrorRecord } from './failures.js';
import { createRandom } from './random.js';
import { CleanupError, runCleanups } from './run-cleanups.js';
import { createScope, isLeftOver, nextCallPath, settleScope, standings, trackUnderWay, waitForEver, type Scope } from './scope.js';
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

  const track = async (call: { request: CallRequest; path: string; kind: CallKind; isShielded: boolean }, body: Body): Promise<Json> => {
    const { request, path, kind, isShielded } = call;
    const { name, version } = request.definition;
    const scope = createScope(path);
    world.callLog.add({ phase: 'started', path, atMs: world.gate.now(), name, version, kind, arguments: request.parameters });
    try {
      const callWorld = toCallWorld(world, scope);
      const result = await standings.run({ scope, isShielded, isCleaning: false }, () => body(callWorld));
      await endBody(scope);
      await runCleanups(scope, 'completed');
      world.callLog.add({ phase: 'completed', path, atMs: world.gate.now(), result: toJson(result, `the result of ${name}`) });
      return result;
    } catch (error) {
      await endBody(scope);
      if (error instanceof CleanupError) cleanupFailures.push(error.message);
      else await runCleanups(scope, 'failed').catch((failure: unknown) => { cleanupFailures.push((failure as Error).message); });
      const phase = isCancellation(error) ? 'cancelled' : 'failed';
      world.callLog.add({ phase, path, atMs: world.gate.now(), error: toErrorRecord(error, path) });
      throw error;
    }
  };

  return {
    cleanupFailures,
    callRoot: (request, body) => track({ request, path: request.definition.name, kind: 'run', isShielded: false }, body),
    callNested: (request, body) => {
      const standing = standings.getStore();
      if (!standing || isLeftOver(standing.scope)) return waitForEver();
      const path = nextCallPath(standing.scope, request.definition.name);
      const promise = track({ request, path, kind: 'inline', isShielded: standing.isShielded }, body);
      // A call that the author never awaits must not fail the workflow task when it fails.
      promise.catch(() => undefined);
      return trackUnderWay(standing.scope, promise);
    },
  };
}

/** The author's function is over: what it left running ends first, then only cleanups may act. */
async function endBody(scope: Scope): Promise<void> {
  scope.isBodyOver = true;
  await settleScope(scope);
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
