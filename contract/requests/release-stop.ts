// A person has looked, and lets everything in a workcell go on: the stop that they have seen, and no later one.

import { stopReleaseRequest } from '../http/workcells/workcell-request.js';
import { declareRequest } from './request-kind.js';
import { STOP_PATIENCE_MS } from './stop-all.js';

export const releaseStop = declareRequest({
  body: stopReleaseRequest,
  patienceMs: STOP_PATIENCE_MS,
  describeDoubt: (_body, { workcell }) => `see whether ${workcell} is still stopped with: praxis stop-all --status`,
});
