// A person has put an item somewhere.

import { name } from '../http/values.js';
import { placeRequest } from '../http/assets/asset-request.js';
import { declareRequest } from './request-kind.js';

export const placeLabware = declareRequest({
  body: placeRequest.extend({ labware: name }),
  patienceMs: 10_000,
  describeDoubt: ({ labware }) => `look with praxis labware where ${labware} stands`,
});
