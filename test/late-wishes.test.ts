// What people ask of a run while its end is being written down, in whatever order, with its worker away meanwhile or with a bridge
// that does not answer: the run ends, in Temporal as in its row.

import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { toFixtureEntry } from './rig/fixture-entry.js';
import type { EngineRig } from './rig/engine-rig.js';
import { startEngine } from './rig/start-engine.js';
import { wait, waitFor } from './rig/start-lab.js';

const TEST_LIMIT_MS = 60_000;
/** Between two wishes that are to be made true one after the other. */
const APART_MS = 300;

let rig: EngineRig;

beforeAll(async () => {
  rig = await startEngine({ entry: toFixtureEntry('test/fixtures/engine/continuing.protocol.ts') });
}, 240_000);
afterAll(() => rig?.end());
afterEach(() => {
  rig.onFinish = () => Promise.resolve();
  rig.onControl = () => Promise.resolve();
});

/** Starts a run and holds its end; the answer lets it be written down. */
async function startEnding(): Promise<{ runId: string; letEnd: () => void }> {
  let letEnd = (): void => undefined;
  const held = new Promise<void>((resolve) => {
    letEnd = resolve;
  });
  let isAsked = false;
  rig.onFinish = () => {
    isAsked = true;
    return held;
  };
  const runId = await rig.start('talkative', { count: 3 });
  await waitFor('the end', () => Promise.resolve(isAsked));
  return { runId, letEnd };
}

async function expectEnd(runId: string): Promise<void> {
  expect(await rig.endOf(runId)).toMatch(/^(?:COMPLETED|CANCELLED)$/u);
  const { events } = await rig.client.workflow.getHandle(runId).fetchHistory();
  const failures = (events ?? []).flatMap(({ workflowTaskFailedEventAttributes: failed }) => (failed ? [failed.failure?.message] : []));
  // That something came meanwhile is no fault: the task is done again with it.
  expect(failures.filter((message) => message !== 'UnhandledCommand')).toEqual([]);
  await rig.replay(runId);
}

describe('wishes that come with the end', () => {
  test.each([
    [['pause', 'resume'], []],
    [['pause', 'resume', 'pause'], []],
    [['resume', 'cancel'], ['pause']],
    [['cancel', 'pause', 'resume'], []],
    [
      ['pause', 'cancel'],
      ['pause', 'resume'],
    ],
  ])(
    '%j, after %j before',
    async (signals, before) => {
      const { runId, letEnd } = await startEnding();
      const run = rig.client.workflow.getHandle(runId);
      for (const signal of before) {
        await run.signal(signal);
        await wait(APART_MS);
      }
      await rig.stopWorkers('workflows');
      for (const signal of signals) await run.signal(signal);
      letEnd();
      await wait(APART_MS);
      await rig.startWorkers('workflows');
      await expectEnd(runId);
    },
    TEST_LIMIT_MS,
  );

  test(
    'while what was asked before hangs outside',
    async () => {
      rig.onControl = () => wait(TEST_LIMIT_MS);
      const { runId, letEnd } = await startEnding();
      const run = rig.client.workflow.getHandle(runId);
      await run.signal('pause');
      await wait(APART_MS);
      letEnd();
      await run.signal('resume');
      await run.signal('pause');
      await expectEnd(runId);
    },
    TEST_LIMIT_MS,
  );
});
