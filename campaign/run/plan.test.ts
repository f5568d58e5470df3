// A case can be repeated from its seed alone, and holds nothing that can't happen together.

import { expect, test } from '@jest/globals';
import { FAULT_KINDS } from './faults.js';
import { makePlan, separate } from './plan.js';

test('the plan of a case follows from its seed', () => {
  expect(makePlan(5)).toEqual(makePlan(5));
  expect(makePlan(5)).not.toEqual(makePlan(6));
});

test("what can't happen in one case waits for another one, and nothing is left out", () => {
  for (const kinds of [FAULT_KINDS, [...FAULT_KINDS].reverse()]) {
    const { together, later } = separate(kinds);
    expect([...together, ...later].sort()).toEqual([...kinds].sort());
    for (const kind of together) for (const other of together) if (kind !== other) expect(separate([kind, other]).later).toEqual([]);
    for (const kind of later) expect(together.some((other) => separate([other, kind]).later.length > 0)).toBe(true);
  }
  expect(separate(['kill-temporal', 'lose-histories'])).toEqual({ together: ['kill-temporal'], later: ['lose-histories'] });
  expect(separate(['device-hang', 'kill-api', 'lose-journal'])).toEqual({ together: ['device-hang', 'kill-api'], later: ['lose-journal'] });
});
