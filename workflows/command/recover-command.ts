// A command that failed with a known outcome: the recovery policy of its call says whether it fails, is sent again, counts
// as done, or is put before a person, who mends the cause and says how the run goes on.

import { isErrorCode, LabError } from '../../domain/errors/error.js';
import type { Recovery } from '../../domain/inbox/inbox.js';
import type { Json } from '../../domain/json/json.js';
import { decideRecovery } from '../../domain/protocols/recovery.js';
import { judgeFailure, toMachineError } from './command-failure.js';
import type { Engine } from '../execution/engine.js';
import type { KnownFailure } from './is-certain.js';
import { Rearm } from '../replay/operation.js';
import { toRequest, type CommandProgress, type PlacedCommand } from './submit-command.js';

/** The result of a command that counts as done; undefined where it is sent again or a person is asked. Throws the error where it is the command's end. */
export function recover(error: LabError, command: PlacedCommand, progress: CommandProgress): { readonly result: Json } | undefined {
  const { code, message, details } = error;
  const failed: KnownFailure = { code, message, ...(details && { details }) };
  const decision = decideRecovery(command.recovery, {
    ...judgeFailure(command, failed),
    retries: progress.retries,
    mayAsk: !command.isShielded,
  });
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

/** Holds the run until a person has decided. Throws the error where they abort, and Rearm when the workflow continues as new. */
export async function askAboutFailure(
  engine: Engine,
  command: PlacedCommand,
  asked: { retry: number; failed: KnownFailure; isOpen: boolean },
): Promise<Recovery> {
  const { runId } = engine.input;
  const { callPath } = command;
  const commandId = toRequest(engine, command, asked.retry).id;
  const itemId = `${commandId}/error`;
  const { message, details } = asked.failed;
  const subject = toMachineError(command, asked.failed, commandId);
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
    throw new LabError(isErrorCode(subject.code) ? subject.code : 'MACHINE_ERROR', {
      message: `${message} ${by} aborted it.`,
      ...(details && { details }),
    });
  } catch (error) {
    if (!(error instanceof Rearm)) await engine.control.hold({ ...holder, isHeld: false });
    throw error;
  }
}
