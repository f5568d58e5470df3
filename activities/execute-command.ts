// The activity behind every machine command: submit or attach, beat while it runs, report its outcome.
// It may be retried at any time; the bridge makes sure that nothing moves twice.

import { Context } from '@temporalio/activity';
import { isErrorCode, LabError } from '../domain/error.js';
import type { CommandOutcome, CommandRequest } from '../domain/wire.js';
import type { BridgeClient } from '../workcell/bridge-client.js';
import { submitCommand } from '../workcell/submit-command.js';
import type { CommandActivities } from './activity-types.js';
import { toApplicationFailure } from './to-failure.js';

const HEARTBEAT_INTERVAL_MS = 100;

export function createExecuteCommand(bridge: BridgeClient): CommandActivities['executeCommand'] {
  return async (request) => {
    const context = Context.current();
    const timer = setInterval(() => { context.heartbeat(); }, HEARTBEAT_INTERVAL_MS);
    try {
      const outcome = await submitCommand(bridge, request, context.cancellationSignal);
      if (outcome.status === 'completed') return outcome.result;
      throw toLabError(request, outcome);
    } catch (error) {
      throw error instanceof LabError ? toApplicationFailure(error) : error;
    } finally {
      clearInterval(timer);
    }
  };
}

function toLabError(request: CommandRequest, outcome: CommandOutcome): LabError {
  const code = outcome.error?.code ?? 'MACHINE_ERROR';
  const message = `${request.machine}.${request.method}: ${outcome.error?.message ?? outcome.status}`;
  const channels = outcome.error?.channels;
  const fallback = outcome.status === 'uncertain' ? 'UNCERTAIN' : 'MACHINE_ERROR';
  return new LabError(isErrorCode(code) ? code : fallback, { message, ...(channels === undefined ? {} : { details: { channels } }) });
}
