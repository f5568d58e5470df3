// An assay of 400 reads that is held and whose workers die: the short form of test/long/long-run.test.ts.

import { afterAll, beforeAll, test } from '@jest/globals';
import { proveAssay, startAssayLab } from '../rig/prove-assay.js';
import type { Lab } from '../rig/start-lab.js';

const READS = 400;
const INTERVAL_MS = 100;
const TEST_LIMIT_MS = 300_000;

let lab: Lab;

beforeAll(async () => {
  lab = await startAssayLab();
}, 240_000);
afterAll(() => lab?.end());

test(
  'every read takes place once or is recorded as missed',
  async () => {
    await proveAssay(lab, { reads: READS, intervalMs: INTERVAL_MS, executionsMin: 1 });
  },
  TEST_LIMIT_MS,
);
