// A person has looked at a machine and gives it free. Postgres knows; the bridge keeps a quarantine of its own and hears of it.

import { releaseRequest } from '../http/assets/asset-request.js';
import { name } from '../http/values.js';
import { declareRequest } from './request-kind.js';

export const releaseMachine = declareRequest({
  body: releaseRequest.extend({ machine: name }),
  // Nobody waits for it: see releaseMachine in db/assets.
  patienceMs: 86_400_000,
  describeDoubt: ({ machine }) => `${machine} may still be quarantined in the bridge`,
});
