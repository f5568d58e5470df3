// A command that failed with a known outcome: the recovery policy of its call says whether it fails, is sent again, counts
// as done, or is put before a person, who mends the cause and says how the run goes on.

import { describeCommand } from '../domain/catalogue/describe-command.js';
import { getMethodPolicy } from '../domain/catalogue/method-policy.js';
import { ERRORS, isErrorCode, LabError } from '../domain/error.js';
import type { MachineError, Recovery } from '../domain/inbox.js';
import { isJsonObject, type Json } from '../domain/json.js';
import { decideRecovery, isSafeToRepeat } from '../domain/recovery.js';
import type { Engine } from './engine.js';
import type { KnownFailure } from './known-failure.js';
import { Rearm } from './operation.js';
import { toRequest, type CommandProgress, type PlacedCommand } from './submit-command.js';

/** The result of a command that counts as done; undefined where it is sent again or a person is asked. Throws the error where it is the command's end. */
export function recover(error: LabError, command: PlacedCommand, progress: CommandProgress): { readonly result: Json } | undefined {
  const { code, message, details } = error;
  const failed: KnownFailure = { code, message, ...(details && { details }) };
  const decision = decideRecovery(command.recovery, { ...judge(command, failed), retries: progress.retries, mayAsk: !command.isShielded });
  switch (decision.then) {
    case 'fail':
      throw error;
    case 'done':
      return { result: decision.result };
    case 'retry':
      progress.retry += 1;
      progress.retries += 1;
      return undefined;
    case 'ask':
      progress.failed = failed;
      return undefined;
  }
}

function judge({ machine, method, given }: PlacedCommand, { code, details }: KnownFailure) {
  // A machine that is not ready refuses a command before it is one.
  const isUntouched = code === 'MACHINE_NOT_READY' || details?.['sends'] === 0;
  return { code, retryClass: getMethodPolicy(machine.type, method, given).retryClass, isUntouched };
}

/** Holds the run until a person has decided. Throws the error where they abort, and Rearm when the workflow continues as new. */
export async function askAboutFailure(engine: Engine, command: PlacedCommand, asked: { retry: number; failed: KnownFailure; isOpen: boolean }): Promise<Recovery> {
  const { runId } = engine.input;
  const { machine, method, given, callPath } = command;
  const commandId = toRequest(engine, command, asked.retry).id;
  const itemId = `${commandId}/error`;
  const { message, details } = asked.failed;
  const code = isErrorCode(asked.failed.code) ? asked.failed.code : 'MACHINE_ERROR';
  const channels = details?.['channels'];
  const subject: MachineError = {
    kind: 'machine-error',
    text: `${describeCommand(machine.name, method, given)} failed: ${ERRORS[code].title}. Mend the cause, then say how the run goes on.`,
    commandId,
    machine: machine.name,
    method,
    arguments: given,
    code,
    known: message,
    ...(channels !== undefined && isJsonObject(channels) && { channels }),
    mayRetry: code !== 'PARTLY_DONE' || isSafeToRepeat(judge(command, asked.failed)),
  };
  const holder = { reason: 'policy', holder: itemId } as const;
  await engine.control.hold({ ...holder, isHeld: true });
  try {
    const { answer, by } = await engine.inbox.ask({
      itemId,
      callPath,
      subject,
      isOpen: asked.isOpen,
      accept: (answered) => engine.activities.recoverCommand({ runId, recovery: answered.answer as unknown as Recovery, given: answered }),
    });
    await engine.control.hold({ ...holder, isHeld: false });
    const recovery = answer as unknown as Recovery;
    if (recovery.then !== 'abort') return recovery;
    throw new LabError(code, { message: `${message} ${by} aborted it.`, ...(details && { details }) });
  } catch (error) {
    if (!(error instanceof Rearm)) await engine.control.hold({ ...holder, isHeld: false });
    throw error;
  }
}
