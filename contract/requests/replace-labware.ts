// A person has put a fresh item in the place of a used one.

import { z } from 'zod';
import { name } from '../http/values.js';
import { declareRequest } from './request-kind.js';

export const replaceLabware = declareRequest({
  body: z.strictObject({ labware: name }),
  patienceMs: 10_000,
  describeDoubt: ({ labware }) => `${labware} may still be replaced`,
});
