// A person ends what a machine does.

import { abortRequest } from '../http/assets/asset-request.js';
import { name } from '../http/values.js';
import { declareRequest } from './request-kind.js';
import { STOP_PATIENCE_MS, toStopRemedy } from './stop-all.js';

export const abortMachine = declareRequest({
  body: abortRequest.extend({ machine: name }),
  patienceMs: STOP_PATIENCE_MS,
  describeDoubt: ({ machine }) => `nobody knows whether ${machine} heard`,
  toRemedy: (_body, { workcell }) => toStopRemedy(workcell),
});
