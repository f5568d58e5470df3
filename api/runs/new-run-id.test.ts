// Run ids sort by creation, also in one millisecond, after more ids than its counter holds, and when the clock steps back.

import { createRunIdSource, isUuid } from './new-run-id.js';

test('ids are UUIDs of version 7 that only rise', () => {
  let nowMs = 1_700_000_000_000;
  const newRunId = createRunIdSource(() => nowMs);
  const ids = Array.from({ length: 10_000 }, (_, count) => {
    if (count === 6000) nowMs -= 5000;
    if (count === 8000) nowMs += 60_000;
    return newRunId();
  });
  expect(ids.every(isUuid)).toBe(true);
  expect(ids.every((id) => /^.{14}7.{4}[89ab]/u.test(id))).toBe(true);
  expect([...ids].sort()).toEqual(ids);
  expect(new Set(ids).size).toBe(ids.length);
  expect(parseInt(ids[0]?.replace('-', '').slice(0, 12) ?? '', 16)).toBe(1_700_000_000_000);
});
