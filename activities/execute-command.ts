// The activity behind every machine command: submit or attach, beat while it runs, report its outcome.
// It may be retried at any time; the bridge makes sure that nothing moves twice.

import { isErrorCode, LabError } from '../domain/error.js';
import type { CommandOutcome, CommandRequest } from '../domain/wire.js';
import type { BridgeClient } from '../workcell/bridge-client.js';
import { submitCommand } from '../workcell/submit-command.js';
import type { CommandActivities } from './activity-types.js';
import { runAsActivity } from './run-as-activity.js';

export function createExecuteCommand(bridge: BridgeClient): CommandActivities['executeCommand'] {
  return (request) =>
    runAsActivity(async (signal) => {
      const outcome = await submitCommand(bridge, request, signal);
      if (outcome.status === 'completed') return outcome.result;
      throw toLabError(request, outcome);
    });
}

function toLabError(request: CommandRequest, outcome: CommandOutcome): LabError {
  const code = outcome.error?.code ?? 'MACHINE_ERROR';
  const message = `${request.machine}.${request.method}: ${outcome.error?.message ?? outcome.status}`;
  const channels = outcome.error?.channels;
  const fallback = outcome.status === 'uncertain' ? 'UNCERTAIN' : 'MACHINE_ERROR';
  return new LabError(isErrorCode(code) ? code : fallback, { message, ...(channels === undefined ? {} : { details: { channels } }) });
}
