// What is said of a stop whose acknowledgement did not come: the bridge keeps what it has taken, so nobody may read that nothing is stopped.

import { LabError } from '../domain/errors/error.js';

export const STATUS_REMEDY = 'See whether it holds with: praxis stop-all --status.';

/** A refusal of the bridge itself is handed on as it is. */
export function toUnheardStop(workcell: string, error: unknown): unknown {
  if (!(error instanceof LabError) || error.code !== 'BRIDGE_UNREACHABLE') return error;
  const message = `${error.message.replace(/[.]$/u, '')}, so nobody knows whether everything in ${workcell} is stopped. If it took the stop, it keeps it.`;
  return new LabError('BRIDGE_UNREACHABLE', {
    message,
    remedy: `${STATUS_REMEDY} Else stop it once more; in danger use the emergency stop.`,
    cause: error,
  });
}
