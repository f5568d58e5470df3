// A machine command as a tracked operation: its id at call time, through the gate, as an activity on the workcell's
// queue. An uncertain outcome goes to a person, whose word decides how the command ends.

import { LabError } from '../../domain/errors/error.js';
import { toCommandId } from '../../domain/values/ids.js';
import type { Json, JsonObject } from '../../domain/json/json.js';
import { isRecoverable } from '../../domain/protocols/recovery.js';
import type { BoundAsset } from '../../domain/runs/run.js';
import type { Engine } from '../execution/engine.js';
import type { UnderWay } from '../replay/operation.js';
import { forgetAsking } from './first-asking.js';
import { askAboutFailure, recover } from './recover-command.js';
import { rememberSource } from '../replay/find-provenance.js';
import { findScope, isLeftOver, isShielded, keepUntilSettled, nextOperation, waitForEver, type Scope } from '../replay/scope.js';
import {
  asCancelled,
  askWhatHappened,
  carryProgress,
  isLabError,
  noteDoubt,
  readFacts,
  readProgress,
  rearmWith,
  submitCommand,
  waitOutHold,
  type CommandProgress,
  type Leave,
  type PlacedCommand,
} from './submit-command.js';
import { waitForLook } from './ask-to-look.js';
import { waitOutStop } from '../execution/wait-out-stop.js';

export function sendCommand(
  engine: Engine,
  call: Scope,
  command: { machine: BoundAsset; method: string; given: JsonObject },
): Promise<Json> {
  const scope = findScope(call);
  if (isLeftOver(scope)) return waitForEver();
  const { id, n } = nextOperation(scope, '');
  const placed: PlacedCommand = {
    ...command,
    scopePath: scope.path,
    callPath: scope.call.path,
    n,
    isShielded: isShielded(),
    recovery: scope.recovery,
  };
  let retry = 0;
  const promise = engine.gate.step<Json>({
    id,
    what: [command.machine.name, command.method, command.given],
    isShielded: placed.isShielded,
    place: command.machine.id,
    keptAs: () => ({ command: toCommandId({ runId: engine.input.runId, callPath: scope.path, n, retry }) }),
    retry: () => retry,
    recallRetry: (recalled) => {
      retry = recalled;
    },
    run: (carried, underWay) =>
      execute(engine, placed, {
        carried,
        underWay,
        onRetry: (next) => {
          retry = next;
        },
      }),
  });
  keepUntilSettled(scope.runningCommands, promise, promise);
  engine.promises.noteCommand({ what: `${command.machine.name}.${command.method}`, scope, machines: [command.machine.name] }, promise);
  promise.then(
    (result) => {
      rememberSource(result, toCommandId({ runId: engine.input.runId, callPath: scope.path, n, retry }));
    },
    () => undefined,
  );
  return promise;
}

/** Until the command has ended one way or the other. */
async function execute(
  engine: Engine,
  command: PlacedCommand,
  options: { carried: Json | undefined; underWay: UnderWay; onRetry: (retry: number) => void },
): Promise<Json> {
  const progress = readProgress(options.carried);
  const carry = (): Json => carryProgress(progress);
  const leave: Leave = (work) => options.underWay.mayBeLeft({ isFree: false, carry }, work);
  let wasLeft = options.carried !== undefined;
  let isOpen = progress.known !== undefined || progress.held !== undefined || progress.failed !== undefined;
  for (;;) {
    const { retry } = progress;
    options.onRetry(retry);
    if (progress.held !== undefined) {
      const look = { retry, n: progress.looks + 1, known: progress.held, isOpen };
      await rearmWith(carry, () => waitForLook(engine, command, look));
      progress.looks += 1;
      progress.held = undefined;
      isOpen = false;
    }
    if (progress.failed !== undefined) {
      const asked = { retry, failed: progress.failed, isOpen };
      const recovery = await rearmWith(carry, () => askAboutFailure(engine, command, asked));
      if (recovery.then === 'skip') return recovery.result ?? null;
      progress.retry += 1;
      progress.failed = undefined;
      isOpen = false;
      continue;
    }
    if (progress.known === undefined) {
      try {
        return await submitCommand(engine, command, { progress, wasLeft, leave });
      } catch (error) {
        const ended = await understand(error, engine, { command, progress, carry });
        if (ended) return ended.result;
        wasLeft = false;
        continue;
      }
    }
    const { known, facts } = progress;
    const resolution = await rearmWith(carry, () => askWhatHappened(engine, command, { retry, known, facts, isOpen }));
    if (resolution.then === 'skip') return resolution.result ?? null;
    if (resolution.then === 'abort') throw new LabError('UNCERTAIN', { message: `${known} Stated: ${resolution.happened}; aborted.` });
    progress.retry += 1;
    noteDoubt(progress, undefined);
    isOpen = false;
  }
}

/** What the failure of a command asks for before it is tried again; its result where it counts as done. Throws where it is the command's own end. */
async function understand(
  error: unknown,
  engine: Engine,
  { command, progress, carry }: { command: PlacedCommand; progress: CommandProgress; carry: () => Json },
): Promise<{ readonly result: Json } | undefined> {
  forgetAsking(progress);
  if (isLabError(error, 'UNCERTAIN')) noteDoubt(progress, error.message, readFacts(error.details));
  else if (isLabError(error, 'STOPPED_ALL')) await waitOutStop(engine, carry());
  // Cleanups wait for nobody but where something may have moved: who looks at the machine afterwards finds it quarantined.
  else if (isLabError(error, 'RUN_HELD') && !command.isShielded) await waitOutHold(engine, progress, { known: error.message, carry });
  else if (isLabError(error, 'MACHINE_HELD') && !command.isShielded) progress.held = error.message;
  else if (error instanceof LabError && isRecoverable(error.code)) return recover(error, command, progress);
  else throw command.isShielded ? error : asCancelled(engine, error);
  return undefined;
}
