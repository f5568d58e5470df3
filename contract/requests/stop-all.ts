// A person wants everything in a workcell to stop. Whoever wants it with Postgres or the API away goes to the worker or the bridge
// directly, as `praxis stop-all` does.

import { stopRequest } from '../http/workcells/workcell-request.js';
import { declareRequest } from './request-kind.js';

/** A bridge that has just died is started again in less, and a driver is given 5 s to answer its stop. */
export const STOP_PATIENCE_MS = 20_000;

export const stopAll = declareRequest({
  body: stopRequest,
  patienceMs: STOP_PATIENCE_MS,
  describeDoubt: () => 'nobody knows whether it heard',
  toRemedy: (_body, { workcell }) => toStopRemedy(workcell),
});

export function toStopRemedy(workcell: string): string {
  return `On the machine of the lab: praxis stop-all --workcell ${workcell}. In danger use the emergency stop.`;
}
