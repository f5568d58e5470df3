// Kill a process while a command is under way: the run ends completed, each command done once, nothing uncertain.

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import {
  DILUTION,
  expectCompletedOnce,
  expectReplaced,
  MOTION_S,
  startCounted,
  TEST_LIMIT_MS,
  waitForCommand,
} from './rig/prove-killed-run.js';
import { startLab, type Lab } from './rig/start-lab.js';
import { describeLong } from './rig/test-long.js';

let lab: Lab;

beforeAll(async () => {
  lab = await startLab({ motionS: MOTION_S });
}, TEST_LIMIT_MS);
afterAll(() => lab?.end());

async function proveKilled(name: string): Promise<void> {
  const counted = await startCounted(lab, DILUTION);
  const pidBefore = (await lab.record()).pids[name];
  await waitForCommand(lab, counted, 20);
  await lab.kill(name);
  await expectCompletedOnce(lab, counted);
  await expectReplaced(lab, name, pidBefore);
}

describe('SIGKILL in mid-command', () => {
  test('of the workcell-worker: completed, 84 of 84, nothing uncertain', () => proveKilled('workcell-worker'), TEST_LIMIT_MS);

  describeLong(() => {
    test.each(['workflow-worker', 'temporal', 'api', 'postgres'])(
      'of the %s: completed, 84 of 84, nothing uncertain',
      proveKilled,
      TEST_LIMIT_MS,
    );
  });

  test(
    'of the supervisor: a new one takes over, adopts the bridge, and the run goes on',
    async () => {
      const counted = await startCounted(lab, DILUTION);
      await waitForCommand(lab, counted, 10);
      const bridgeBefore = (await lab.record()).pids['bridge'];
      await lab.killSupervisor();
      await lab.restart();
      expect((await lab.record()).pids['bridge']).toBe(bridgeBefore);
      await expectCompletedOnce(lab, counted);
    },
    TEST_LIMIT_MS,
  );

  test(
    'Ctrl-C in mid-run stops all in order, and the next start ends the run',
    async () => {
      const counted = await startCounted(lab, DILUTION);
      await waitForCommand(lab, counted, 10);
      expect(await lab.interrupt()).toBe(0);
      await lab.restart();
      await expectCompletedOnce(lab, counted);
    },
    TEST_LIMIT_MS,
  );
});
