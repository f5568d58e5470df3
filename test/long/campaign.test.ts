// A short campaign of fixed seeds: random programs on a whole lab while its processes, connections and devices fail, and the
// checker finds every invariant to hold. `npm run campaign` is the long one.

import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { runCase } from '../../campaign/run/case.js';
import { makePlan } from '../../campaign/run/plan.js';
import { startRig, type Rig } from '../../campaign/run/rig.js';

const TEST_LIMIT_MS = 480_000;

let rig: Rig;

beforeAll(async () => {
  rig = await startRig();
}, TEST_LIMIT_MS);
afterAll(() => rig?.end(), TEST_LIMIT_MS);

test.each([
  { seed: 11, kinds: ['kill-bridge', 'kill-workcell-worker', 'device-lose-reply', 'cut-temporal'] },
  { seed: 12, kinds: ['kill-worker-and-bridge', 'kill-postgres', 'freeze-workflow-worker', 'device-late-reply'] },
])(
  'seed $seed under $kinds',
  async ({ seed, kinds }) => {
    const { found, unfired, stuck, statuses, evidence } = await runCase(rig, makePlan(seed, kinds));
    expect({ stuck, unfired, found }).toEqual({ stuck: undefined, unfired: [], found: [] });
    expect(statuses).toContain('completed');
    expect(evidence?.tape.length).toBeGreaterThan(20);
  },
  TEST_LIMIT_MS,
);
