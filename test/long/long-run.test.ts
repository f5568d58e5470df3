// The longest assay that the library allows, 24 hours of a read every 10 seconds, at 400 times its speed: about four minutes.

import { afterAll, beforeAll, test } from '@jest/globals';
import { proveAssay, startAssayLab } from '../rig/prove-assay.js';
import type { Lab } from '../rig/start-lab.js';

const READS = 8_640;
const INTERVAL_MS = 25;
const TEST_LIMIT_MS = 20 * 60_000;

let lab: Lab;

beforeAll(async () => {
  lab = await startAssayLab();
}, 240_000);
afterAll(() => lab?.end());

test(
  '8,640 reads: every one takes place once or is recorded as missed, over many executions of the workflow',
  async () => {
    await proveAssay(lab, { reads: READS, intervalMs: INTERVAL_MS, executionsMin: 3 });
  },
  TEST_LIMIT_MS,
);
