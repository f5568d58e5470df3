// Lets all author code that can run do so, before the workflow goes on.

import { condition } from '@temporalio/workflow';

/** Resolves when nothing is left to run: conditions are looked at only after that. */
export async function drainMicrotasks(): Promise<void> {
  let isDrained = false;
  const drained = condition(() => isDrained);
  isDrained = true;
  await drained;
}
