// What could not be dealt with: how often it is tried, and for how long.

import { expect, test } from '@jest/globals';
import { createOwedEnds, OWED_LIMIT_MS } from './owed-ends.js';
import type { EndedWorkflow } from '../temporal/workflow-outcomes.js';

const toEnd = (name: string): EndedWorkflow => ({
  workflowId: `r1/${name}`,
  executionId: name,
  parentWorkflowId: 'r1',
  endedAs: 'TERMINATED',
});

test('what could not be dealt with is tried again less and less often, until it is given up or settled', () => {
  const owed = createOwedEnds();
  const [end, other] = [toEnd('a'), toEnd('b')];
  expect(owed.isResting(end, 0)).toBe(false);
  let [nowMs, tries] = [0, 0];
  const waits: number[] = [];
  while (!owed.note([end, other], nowMs)) {
    const beganMs = nowMs;
    if (++tries === 3) owed.settle([other]);
    while (owed.isResting(end, nowMs)) nowMs += 500;
    waits.push(nowMs - beganMs);
  }
  expect(waits.slice(0, 8)).toEqual([1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000, 30_000]);
  expect(nowMs).toBeGreaterThan(OWED_LIMIT_MS);
  expect(owed.list()).toEqual([]);
});
