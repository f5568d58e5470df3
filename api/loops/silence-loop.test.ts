// Silence is found by time that passes, and not by the clock of the machine, which somebody may set.

import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from '@jest/globals';
import { sql } from 'kysely';
import { listLastingAlarms } from '../../db/inbox/alarm.queries.js';
import { markRunStarted } from '../../db/runs/run.queries.js';
import { createRun } from '../../db/runs/create-run.js';
import { toRequest, useTestLab } from '../../db/test-lab.js';
import type { PublishedProtocol } from '../../domain/protocols/protocol.js';
import type { Database } from '../../db/connection/connect-database.js';
import { startSilenceLoop } from './silence-loop.js';

const DAY_MS = 24 * 60 * 60_000;
const SILENT_AFTER_MS = 10_000;
const LOOK_TRIES_MAX = 200;
const logger = { info: () => undefined, warn: () => undefined, error: () => undefined };

let db: Database;
let definition: PublishedProtocol;

useTestLab((lab) => {
  ({ db, definition } = lab);
});

test('a worker that is silent is found although the clock was set back by days since it was listened to', async () => {
  const { run } = await createRun(db, toRequest(definition));
  await markRunStarted(db, { runId: run.id, workflowRunId: 'w', atMs: Date.now() });
  await sql`update workcell set worker_heard_at = now() - interval '1 minute', bridge_heard_at = now() - interval '1 minute'`.execute(db);
  let [clockMs, passedMs] = [Date.now() + 3 * DAY_MS, 0];
  const loop = startSilenceLoop({ db, silentAfterMs: SILENT_AFTER_MS, logger, now: () => clockMs, elapsedMs: () => passedMs });
  [clockMs, passedMs] = [Date.now(), SILENT_AFTER_MS + 1];
  for (let tries = 0; tries < LOOK_TRIES_MAX && (await listLastingAlarms(db, 'star', 'alarm/silent/')).length === 0; tries++) {
    loop.poke();
    await sleep(20);
  }
  await loop.close();
  expect(await listLastingAlarms(db, 'star', 'alarm/silent/')).toHaveLength(1);
});
