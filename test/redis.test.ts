// A lab whose Redis is killed and emptied in the middle of a run: only speed may change. Skipped where there is none.

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import path from 'node:path';
import type { Run } from '../domain/runs/run.js';
import { findRedis, toRedisUrl } from '../local/redis.js';
import { connectRedis } from '../platform/redis/connect-redis.js';
import { countCommands, countTapeLines } from './rig/count-commands.js';
import { startLab, waitFor, type Lab } from './rig/start-lab.js';

/** Long enough that Redis dies inside a motion. */
const MOTION_S = 0.05;
const RUN_WAIT_MS = 90_000;
const COMMANDS_OF_THE_RUN = 84;
const ASSETS = { plate: 'plate_1', tips: 'tips_1', diluent: 'diluent_1' };

const hasRedis = findRedis() !== null;
if (!hasRedis)
  process.stderr.write(
    'Tests of a lab with Redis are skipped: there is no redis-server on PATH. Install it with: apt-get install redis-server\n',
  );

(hasRedis ? describe : describe.skip)('in the middle of a run', () => {
  let lab: Lab;
  beforeAll(async () => {
    lab = await startLab({ motionS: MOTION_S });
  }, 240_000);
  afterAll(() => lab?.end());

  async function startRun(): Promise<string> {
    const tapeBefore = await countTapeLines(lab.tapeFile);
    const { status, body } = await lab.post('/runs', { protocol: 'serial_dilution', parameters: { numDilutions: 8 }, assets: ASSETS });
    expect(status).toBe(201);
    await waitFor('the run to be under way', async () => (await countTapeLines(lab.tapeFile)) - tapeBefore > 10);
    return body['id'] as string;
  }

  async function expectCompletedOnce(runId: string): Promise<void> {
    const look = async (): Promise<Run | false> => {
      const run = await lab.get<Run>(`/runs/${runId}`);
      return run.endedAt === null ? false : run;
    };
    const run = await waitFor(`run ${runId} to end`, look, { timeoutMs: RUN_WAIT_MS });
    expect(run).toMatchObject({ status: 'completed', counts: { commands: { completed: COMMANDS_OF_THE_RUN, failed: 0, uncertain: 0 } } });
    expect(await countCommands(lab, runId)).toMatchObject({
      journalCompleted: COMMANDS_OF_THE_RUN,
      journalRepeated: 0,
      postgresCompleted: COMMANDS_OF_THE_RUN,
      postgresOther: 0,
    });
  }

  test('kill -9 of Redis: the run completes, each command once, and Redis comes back', async () => {
    const pidBefore = (await lab.record()).pids['redis'];
    expect(pidBefore).toBeGreaterThan(0);
    const runId = await startRun();
    await lab.kill('redis');
    await expectCompletedOnce(runId);
    await waitFor('another Redis', async () => {
      const pid = (await lab.record()).pids['redis'];
      return pid !== undefined && pid !== pidBefore;
    });
  }, 240_000);

  test('FLUSHALL: nothing is lost', async () => {
    const redis = connectRedis({
      url: toRedisUrl(path.join(lab.home, 'redis', 'redis.sock')),
      clientName: 'test',
      onError: () => undefined,
    });
    try {
      const runId = await startRun();
      // The limiter counts in it and the worker publishes through it, so it really is in use.
      expect(await redis.send(['INFO', 'commandstats'])).toMatch(/cmdstat_eval.*cmdstat_publish|cmdstat_publish.*cmdstat_eval/su);
      await redis.send(['FLUSHALL']);
      await expectCompletedOnce(runId);
    } finally {
      redis.close();
    }
  }, 240_000);
});
