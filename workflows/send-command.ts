// A machine command as a tracked operation: id at call time, through the gate, as an activity on the
// workcell's queue. An uncertain outcome holds the run instead of returning.

import { condition } from '@temporalio/workflow';
import { describeCommand } from '../domain/catalogue/describe-command.js';
import { LabError } from '../domain/error.js';
import { toCommandId } from '../domain/ids.js';
import type { Json, JsonObject } from '../domain/json.js';
import type { BoundAsset, RunEnvelope } from '../domain/run.js';
import type { CommandRequest } from '../domain/wire.js';
import { commandActivities, createControlActivities, toCommandOptions } from './activity-stubs.js';
import type { CallLogOutbox } from './call-log.js';
import { throwAsLabError } from './failures.js';
import type { Gate } from './gate.js';
import { isLeftOver, keepUntilSettled, standings, waitForEver, type Scope } from './scope.js';

export interface CommandWorld {
  readonly envelope: RunEnvelope;
  readonly gate: Gate;
  readonly callLog: CallLogOutbox;
  /** The fence of the run's reservation, once it holds its assets. */
  readonly fence: () => number;
}

export function sendCommand(world: CommandWorld, scope: Scope, command: { machine: BoundAsset; method: string; given: JsonObject }): Promise<Json> {
  if (isLeftOver(scope)) return waitForEver();
  const { machine, method, given } = command;
  scope.commands += 1;
  const identity = { runId: world.envelope.runId, callPath: scope.path, n: scope.commands, retry: 0 };
  const request = { id: toCommandId(identity), ...identity, machine: machine.name, method, arguments: given, fence: world.fence() };
  const isShielded = standings.getStore()?.isShielded ?? false;
  const operation = (): Promise<Json> => execute(world, machine, request);
  const promise = world.gate.step(request.id, operation, { shielded: isShielded });
  keepUntilSettled(scope.runningCommands, promise, promise);
  return promise;
}

async function execute(world: CommandWorld, machine: BoundAsset, request: CommandRequest): Promise<Json> {
  const calls = world.callLog.take();
  const options = toCommandOptions({
    frontend: machine.type,
    method: request.method,
    workcell: world.envelope.workcell,
    summary: describeCommand(request.machine, request.method, request.arguments),
  });
  try {
    return await commandActivities.executeCommand.executeWithOptions(options, [calls ? { ...request, calls } : request]);
  } catch (error) {
    // Entries that travelled with a refused command are nowhere else; their numbers make a repeat harmless.
    if (calls) world.callLog.putBack(calls);
    try {
      return throwAsLabError(error, request.id);
    } catch (failure) {
      if (failure instanceof LabError && failure.code === 'UNCERTAIN') await holdForPerson(world, request, failure);
      throw failure;
    }
  }
}

/** Waits until the run is cancelled: nothing may move on this machine before a person has looked. */
async function holdForPerson(world: CommandWorld, request: CommandRequest, failure: LabError): Promise<void> {
  const { runId, callPath, machine, id } = request;
  await createControlActivities(world.envelope.workcell).holdRun({ runId, callPath, machine, commandId: id, message: failure.message });
  await condition(() => false);
}
