// Who is blamed for the end of a slot: the run in whose turn it was decided, and nobody who only came after it.

import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, expect, test } from '@jest/globals';
import { createSlot, type Slot, type SlotInput, type SlotOptions } from './slot-process.js';
import { SLOT_LIMITS } from './workflow-slots.js';

const NO_MAP = { version: 3, sources: [], names: [], mappings: '', file: 'bundle' };
const toInit = (code: string): SlotInput =>
  ({
    type: 'init',
    workflowBundle: { code, filename: '/bundle.js', sourceMap: NO_MAP },
    isolateExecutionTimeoutMs: 10_000,
    reuseV8Context: false,
    registeredActivityNames: new Set(),
    hasPatchActivationCallback: false,
  }) as never;
const SILENT_MS = 300;

let slot: Slot;
afterEach(() => slot.end());

async function open(limits: Partial<SlotOptions['limits']> = {}): Promise<{ deaths: unknown[] }> {
  const deaths: unknown[] = [];
  slot = await createSlot({
    limits: { ...SLOT_LIMITS, ...limits },
    init: toInit(''),
    onDeath: (death) => {
      deaths.push(death);
    },
  });
  return { deaths };
}

/** A turn that asks the process for something; how it ended. */
const askAs = (runId: string, life: number): Promise<string> =>
  slot
    .take({ runId, life }, (client) => client.send({ type: 'dispose-workflow', runId }))
    .then(
      () => 'done',
      (error: unknown) => (error as Error).message,
    );

test('a slot that is replaced: the run for which it is, and those that waited are replayed', async () => {
  const { deaths } = await open();
  const { life } = slot;
  const guilty = slot.take({ runId: 'guilty', life }, (_client, replace) => {
    replace('it was broken off');
    return Promise.resolve('broken off');
  });
  const waiting = ['a', 'b'].map((runId) => askAs(runId, life));
  expect(await guilty).toBe('broken off');
  expect(await Promise.all(waiting)).toEqual(Array(2).fill(expect.stringContaining('is replayed')));
  await slot.ready();
  // The next process does not know the run, which it can only say when it works.
  expect(await askAs('a', slot.life)).toContain('non running workflow');
  expect(deaths).toEqual([{ runId: 'guilty', why: 'it was broken off' }]);
});

test('a turn without an answer: its run, also where it ends before the process does', async () => {
  const { deaths } = await open({ silentMsMax: SILENT_MS });
  const { life } = slot;
  // Goes on at once after the limit, long before the exit is heard of.
  const guilty = slot.take({ runId: 'guilty', life }, () => sleep(SILENT_MS, 'late'));
  const innocent = askAs('innocent', life);
  expect(await guilty).toBe('late');
  expect(await innocent).toContain('is replayed');
  await slot.ready();
  expect(deaths).toEqual([{ runId: 'guilty', why: 'it gave no answer any more' }]);
});
