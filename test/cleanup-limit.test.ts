// A cleanup that hangs is given up after its limit, and the machines of its run are quarantined. Time in which everything is
// stopped does not count.

import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { ApplicationFailure } from '@temporalio/activity';
import { LabError } from '../domain/errors/error.js';
import { toApplicationFailure } from '../activities/to-failure.js';
import type { FinishRequest } from '../activities/activity-types.js';
import type { HoldChange } from '../domain/runs/control.js';
import type { EngineRig } from './rig/engine-rig.js';
import { startEngine } from './rig/start-engine.js';
import { wait, waitFor } from './rig/start-lab.js';

const CLEANUP_LIMIT_MS = 700;
const TEST_LIMIT_MS = 120_000;

let rig: EngineRig;

beforeAll(async () => {
  rig = await startEngine();
}, 240_000);
afterAll(() => rig?.end());

test(
  'a cleanup whose command never ends is given up, moves nothing more, and leaves its machines to be looked at',
  async () => {
    let release = (): void => undefined;
    const hanging = new Promise<null>((resolve) => {
      release = () => {
        resolve(null);
      };
    });
    rig.onCommand = ({ isShielded }) => (isShielded === true ? hanging : Promise.resolve(null));
    const runId = await rig.start('parent_of_child', { count: 200, delayMs: 1 }, { cleanupLimitMs: CLEANUP_LIMIT_MS });
    await waitFor('commands of the child', () => Promise.resolve(rig.asked.commands.some((each) => each.runId === runId)));
    await rig.client.workflow.getHandle(runId).signal('cancel');
    await expect(rig.result(runId)).rejects.toMatchObject({ cause: { name: 'CancelledFailure' } });
    release();
    const finished = await findEnd(runId);
    expect(finished.error?.message).toMatch(/'child cleanup' failed: CLEANUP_TOO_LONG.*'parent cleanup' failed: CLEANUP_TOO_LONG/u);
    expect(finished.quarantineMachines).toContain('star');
  },
  TEST_LIMIT_MS,
);

test(
  'a cleanup waits for the release of a stop of everything as long as that takes',
  async () => {
    const refused = new Set<string>();
    rig.onCommand = ({ id, isShielded }) => {
      if (isShielded !== true || refused.has(id)) return Promise.resolve(null);
      refused.add(id);
      throw ApplicationFailure.nonRetryable('Everything is stopped.', 'STOPPED_ALL');
    };
    const runId = await rig.start('plain_loop', { count: 3, failAt: 1 }, { cleanupLimitMs: CLEANUP_LIMIT_MS });
    const hold = (isHeld: boolean): Promise<void> => {
      const change: HoldChange = { reason: 'stop-all', holder: 'stop-all/engine', isHeld };
      return rig.client.workflow.getHandle(runId).signal('px.hold', change);
    };
    await hold(true);
    await wait(CLEANUP_LIMIT_MS);
    await hold(false);
    await waitFor('the cleanup to be refused', () => Promise.resolve([...refused].some((id) => id.startsWith(runId))));
    await hold(true);
    await wait(3 * CLEANUP_LIMIT_MS);
    await hold(false);
    await expect(rig.result(runId)).rejects.toMatchObject({ cause: { type: 'TIP_MISSING' } });
    const finished = await findEnd(runId);
    expect([finished.quarantineMachines, finished.error?.message.includes('Cleanup')]).toEqual([[], false]);
    const cleanups = rig.asked.commands.filter((each) => each.runId === runId && each.isShielded === true);
    expect(new Set(cleanups.map(({ id }) => id)).size).toBe(1);
  },
  TEST_LIMIT_MS,
);

test(
  'a cleanup that finds no tip to let go has nothing to do, and is no failure; one that finds no tip to pick up is one',
  async () => {
    const refuse = (sends: number): never => {
      throw toApplicationFailure(new LabError('TIP_MISSING', { message: 'star.discard_tips: no tips', details: { sends } }));
    };
    rig.onCommand = ({ isShielded }) => (isShielded === true ? refuse(0) : Promise.resolve(null));
    const idle = await rig.start('plain_loop', { count: 3, failAt: 1 });
    await expect(rig.result(idle)).rejects.toMatchObject({ cause: { type: 'TIP_MISSING', message: 'stopped at 1' } });
    const finished = await findEnd(idle);
    expect([finished.quarantineMachines, finished.error?.message.includes('Cleanup')]).toEqual([[], false]);
    // Something of it had left for the machine.
    rig.onCommand = ({ isShielded }) => (isShielded === true ? refuse(1) : Promise.resolve(null));
    const moved = await rig.start('plain_loop', { count: 3, failAt: 1 });
    await expect(rig.result(moved)).rejects.toThrow();
    expect((await findEnd(moved)).error?.message).toMatch(/Cleanup 'report' failed: TIP_MISSING/u);
  },
  TEST_LIMIT_MS,
);

async function findEnd(runId: string): Promise<FinishRequest> {
  return waitFor('the end', () => Promise.resolve(rig.asked.finished.find((each) => each.runId === runId)));
}
