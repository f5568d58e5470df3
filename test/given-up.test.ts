// A call that is given up before it has begun never begins, whatever it waited for: room, the end of a pause, its machine.
// On the way back after a continuation it is as dead as it was.

import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { ApplicationFailure } from '@temporalio/activity';
import { toFixtureEntry } from './rig/fixture-entry.js';
import type { EngineRig } from './rig/engine-rig.js';
import { startEngine } from './rig/start-engine.js';
import { waitFor } from './rig/start-lab.js';

const TEST_LIMIT_MS = 120_000;

let rig: EngineRig;

beforeAll(async () => {
  rig = await startEngine({ entry: toFixtureEntry('test/fixtures/engine/given-up.protocol.ts') });
}, 240_000);
afterAll(() => rig?.end());
afterEach(() => {
  rig.onCommand = () => Promise.resolve(null);
});

const listOf = (runId: string) => rig.asked.commands.filter((command) => command.runId === runId);
const countMethod = (runId: string, method: string): number => listOf(runId).filter((command) => command.method === method).length;

/** Commands of this method fail, when they are told to. */
function failLater(method: string): () => void {
  const fails: (() => void)[] = [];
  rig.onCommand = (request) =>
    request.method === method
      ? new Promise((_resolve, reject) =>
          fails.push(() => {
            reject(ApplicationFailure.nonRetryable('broken', 'TIP_MISSING'));
          }),
        )
      : Promise.resolve(null);
  return () => {
    for (const fail of fails) fail();
  };
}

describe('a call that is given up', () => {
  test(
    'while its child is being started: the child ends as soon as it runs',
    async () => {
      const runId = await rig.start('gives_up_children', { count: 8 });
      expect(await rig.result(runId)).toBe('TIP_MISSING');
      expect(countMethod(runId, 'discard_tips')).toBe(0);
      await rig.replay(runId);
    },
    TEST_LIMIT_MS,
  );

  test(
    'while its run is paused ends in the pause; neither its command nor its child begins after it',
    async () => {
      const fail = failLater('pick_up_tips');
      const runId = await rig.start('gives_up_while_paused', {});
      const handle = rig.client.workflow.getHandle(runId);
      const item = await waitFor('the question', () =>
        Promise.resolve(listOf(runId).length === 1 ? rig.asked.items.find((each) => each.runId === runId) : undefined),
      );
      await handle.signal('pause');
      await waitFor('the pause', () => Promise.resolve(rig.asked.controls.at(-1)?.pauseReasons.includes('operator')));
      await handle.executeUpdate('answer', { args: [{ itemId: item.itemId, answer: true, by: 'ada', note: '', atMs: 1 }] });
      await waitFor('the answer to be heard', () => Promise.resolve(rig.asked.closed.some(({ itemId }) => itemId === item.itemId)));
      fail();
      // Nothing of it is left that would have to wait for the end of the pause.
      expect(await rig.result(runId)).toBe('TIP_MISSING');
      expect(listOf(runId).map(({ method }) => method)).toEqual(['pick_up_tips']);
      await rig.replay(runId);
    },
    TEST_LIMIT_MS,
  );

  test(
    'behind others at its machine is not sent once they have ended',
    async () => {
      const failOther = failLater('discard_tips');
      const commands: (() => void)[] = [];
      const wait = rig.onCommand;
      rig.onCommand = (request) =>
        request.method === 'pick_up_tips'
          ? new Promise((resolve) =>
              commands.push(() => {
                resolve(null);
              }),
            )
          : wait(request);
      const runId = await rig.start('gives_up_queue', { count: 12 });
      await waitFor('as many as are on their way at once', () => Promise.resolve(listOf(runId).length === 9));
      failOther();
      await waitFor('the failure to be heard', async () =>
        ((await rig.client.workflow.getHandle(runId).fetchHistory()).events ?? []).some((event) => event.activityTaskFailedEventAttributes),
      );
      for (const end of commands) end();
      expect(await rig.result(runId)).toBe('TIP_MISSING');
      expect(countMethod(runId, 'pick_up_tips')).toBe(8);
      await rig.replay(runId);
    },
    TEST_LIMIT_MS,
  );
});
