// A person stands at the machine and has it connected. Connecting may move axes and take its time.

import { connectRequest } from '../http/assets/asset-request.js';
import { name } from '../http/values.js';
import { declareRequest } from './request-kind.js';

export const connectMachine = declareRequest({
  body: connectRequest.extend({ machine: name }),
  // The setup of a liquid handler takes about a minute; below the patience of the CLI.
  patienceMs: 150_000,
  describeDoubt: ({ machine }) => `${machine} may still be connecting`,
});
