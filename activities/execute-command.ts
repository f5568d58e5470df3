// The activities behind machine commands: submit or attach, beat while they run, report their outcomes. They
// may be retried at any time; the bridge makes sure that nothing moves twice. A run that is cancelled has the
// running command stopped where its driver can, and learns how it truly ended.

import { Context } from '@temporalio/activity';
import { isErrorCode, LabError, type ErrorCode } from '../domain/errors/error.js';
import type { CommandOutcome, CommandOutcomeStatus, CommandRequest } from '../domain/wire/wire.js';
import type { BridgeClient } from '../workcell/bridge-client.js';
import { asAskedFor, submitBlock, submitCommand } from '../workcell/submit-command.js';
import type { CommandActivities } from './activity-types.js';
import { readCancellation } from './cancellation.js';
import { requireRequests } from './require-request.js';
import { runAsActivity } from './run-as-activity.js';

export function createCommandActivities(bridge: Pick<BridgeClient, 'request'>): CommandActivities {
  return requireRequests<CommandActivities>({
    executeCommand: ({ shallStop, ...request }) =>
      runAsActivity(async (signal) => {
        const outcome = await submitCommand(bridge, withAsking(request), readCancellation(signal, shallStop));
        const { status, sends } = outcome;
        if (status === 'completed') return outcome.result;
        throw toLabError(request, status, { error: outcome.error, sends });
      }),
    executeBlock: ({ commands, shallStop }) =>
      runAsActivity((signal) => submitBlock(bridge, commands.map(withAsking), readCancellation(signal, shallStop))),
  });
}

/**
 * The workflow says when it asked first, in whichever execution; those of older generations asked when the activity was scheduled.
 * Of another attempt of the activity the workflow does not know.
 */
function withAsking(request: CommandRequest): CommandRequest {
  const { scheduledTimestampMs, attempt } = Context.current().info;
  return asAskedFor({ askedAtMs: scheduledTimestampMs, ...request }, attempt > 1);
}

type Failure = Exclude<CommandOutcomeStatus, 'completed'>;

/** For an outcome of which the bridge gives no known code. */
const CODES: Readonly<Record<Failure, ErrorCode>> = { failed: 'MACHINE_ERROR', stopped: 'COMMAND_STOPPED', uncertain: 'UNCERTAIN' };

function toLabError(
  { machine, method }: CommandRequest,
  status: Failure,
  { error, sends }: Pick<CommandOutcome, 'error' | 'sends'>,
): LabError {
  const given = error?.code ?? '';
  const code = status === 'failed' && isErrorCode(given) ? given : CODES[status];
  const channels = error?.channels;
  return new LabError(code, {
    message: `${machine}.${method}: ${error?.message ?? status}`,
    ...(error?.remedy !== undefined && { remedy: error.remedy }),
    details: { ...(channels !== undefined && { channels }), ...(error?.details !== undefined && { facts: error.details }), sends },
  });
}
