// A machine command as a tracked operation: its id at call time, through the gate, as an activity on the workcell's
// queue. An uncertain outcome goes to a person, whose word decides how the command ends.

import { LabError } from '../domain/error.js';
import { toCommandId } from '../domain/ids.js';
import type { Json, JsonObject } from '../domain/json.js';
import type { BoundAsset } from '../domain/run.js';
import type { Engine } from './engine.js';
import { Rearm } from './operation.js';
import { rememberSource } from './result-sources.js';
import { findScope, isLeftOver, isShielded, keepUntilSettled, nextOperation, waitForEver, type Scope } from './scope.js';
import { asCancelled, askWhatHappened, isLabError, readCarriedCommand, submitCommand, waitOutHold, type PlacedCommand } from './submit-command.js';

export function sendCommand(engine: Engine, call: Scope, command: { machine: BoundAsset; method: string; given: JsonObject }): Promise<Json> {
  const scope = findScope(call);
  if (isLeftOver(scope)) return waitForEver();
  const { id, n, isLone } = nextOperation(scope, '');
  const placed: PlacedCommand = { ...command, scopePath: scope.path, callPath: scope.call.path, n, isShielded: isShielded() };
  let retry = 0;
  const promise = engine.gate.step<Json>({
    id,
    isLone,
    isShielded: placed.isShielded,
    keptAs: () => ({ command: toCommandId({ runId: engine.input.runId, callPath: scope.path, n, retry }) }),
    run: (carried) => execute(engine, placed, { carried, onRetry: (next) => { retry = next; } }),
  });
  keepUntilSettled(scope.runningCommands, promise, promise);
  promise.then((result) => { rememberSource(result, toCommandId({ runId: engine.input.runId, callPath: scope.path, n, retry })); }, () => undefined);
  return promise;
}

/** Until the command has ended one way or the other. */
async function execute(engine: Engine, command: PlacedCommand, options: { carried: Json | undefined; onRetry: (retry: number) => void }): Promise<Json> {
  let { retry, known } = readCarriedCommand(options.carried);
  let isOpen = known !== undefined;
  for (;;) {
    options.onRetry(retry);
    if (known === undefined) {
      try {
        return await submitCommand(engine, command, retry);
      } catch (error) {
        if (isLabError(error, 'RUN_HELD') && !command.isShielded) {
          await waitOutHold(engine, { retry });
          continue;
        }
        if (!isLabError(error, 'UNCERTAIN')) throw command.isShielded ? error : asCancelled(engine, error);
        known = error.message;
      }
    }
    const resolution = await askAgain(engine, command, { retry, known, isOpen });
    if (resolution.then === 'skip') return resolution.result ?? null;
    if (resolution.then === 'abort') throw new LabError('UNCERTAIN', { message: `${known} Stated: ${resolution.happened}; aborted.` });
    retry += 1;
    known = undefined;
    isOpen = false;
  }
}

async function askAgain(engine: Engine, command: PlacedCommand, options: { retry: number; known: string; isOpen: boolean }) {
  try {
    return await askWhatHappened(engine, command, options);
  } catch (error) {
    if (error instanceof Rearm) throw new Rearm({ retry: options.retry, known: options.known });
    throw error;
  }
}
