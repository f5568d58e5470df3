// A case can be repeated from its seed alone.

import { expect, test } from '@jest/globals';
import { makePlan } from './plan.js';

test('the plan of a case follows from its seed', () => {
  expect(makePlan(5)).toEqual(makePlan(5));
  expect(makePlan(5)).not.toEqual(makePlan(6));
});
