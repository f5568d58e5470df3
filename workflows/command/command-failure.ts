// A command that failed with a known outcome, as recovery policies and people judge it; the same in a run and in a rehearsal.

import { describeCommand } from '../../domain/catalogue/describe-command.js';
import { getMethodPolicy, hasNothingToDo } from '../../domain/catalogue/method-policy.js';
import { ERRORS, isErrorCode } from '../../domain/errors/error.js';
import type { MachineError } from '../../domain/inbox/inbox.js';
import { isJsonObject, type JsonObject } from '../../domain/json/json.js';
import { isSafeToRepeat, type FailedCommand } from '../../domain/protocols/recovery.js';
import type { BoundAsset } from '../../domain/runs/run.js';
import type { KnownFailure } from './is-certain.js';

interface GivenCommand {
  readonly machine: BoundAsset;
  readonly method: string;
  readonly given: JsonObject;
}

export function judgeFailure(
  { machine, method, given }: GivenCommand,
  { code, details }: KnownFailure,
): Pick<FailedCommand, 'code' | 'retryClass' | 'isUntouched' | 'hadNothingToDo'> {
  // A machine that is not ready refuses a command before it is one.
  const isUntouched = code === 'MACHINE_NOT_READY' || details?.['sends'] === 0;
  return {
    code,
    retryClass: getMethodPolicy(machine.type, method, given).retryClass,
    isUntouched,
    hadNothingToDo: isUntouched && hasNothingToDo(machine.type, method, code),
  };
}

/** The question that a person is asked where the policy says `ask`. */
export function toMachineError(command: GivenCommand, failed: KnownFailure, commandId: string): MachineError {
  const { machine, method, given } = command;
  const { message, details } = failed;
  const code = isErrorCode(failed.code) ? failed.code : 'MACHINE_ERROR';
  const channels = details?.['channels'];
  return {
    kind: 'machine-error',
    text: `${describeCommand(machine.name, method, given)} failed: ${ERRORS[code].title}. Mend the cause, then say how the run goes on.`,
    commandId,
    machine: machine.name,
    method,
    arguments: given,
    code,
    known: message,
    ...(channels !== undefined && isJsonObject(channels) && { channels }),
    mayRetry: code !== 'PARTLY_DONE' || isSafeToRepeat(judgeFailure(command, failed)),
  };
}
