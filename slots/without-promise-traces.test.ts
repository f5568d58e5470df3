// The hooks of Temporal's traces are left out, those that Node needs are not.

import { AsyncLocalStorage } from 'node:async_hooks';
import v8 from 'node:v8';
import { afterAll, expect, test } from '@jest/globals';

const { createHook } = v8.promiseHooks;
afterAll(() => {
  v8.promiseHooks.createHook = createHook;
});

test('nothing is told to who wants traces; AsyncLocalStorage still follows promises', async () => {
  // @ts-expect-error -- a plain script without types, as node --require takes it
  await import('./without-promise-traces.cjs');
  const told: string[] = [];
  v8.promiseHooks.createHook({ init: () => told.push('trace'), settled: () => told.push('trace') });
  const stop = v8.promiseHooks.createHook({
    init: () => told.push('all'),
    before: () => undefined,
    after: () => undefined,
    settled: () => undefined,
  });
  await Promise.resolve();
  (stop as () => void)();
  expect(new Set(told)).toEqual(new Set(['all']));
  const storage = new AsyncLocalStorage<string>();
  const seen = await storage.run('here', async () => {
    await new Promise((resolve) => setImmediate(resolve));
    return storage.getStore();
  });
  expect(seen).toBe('here');
});
