// A run is continued by one run at a time, whoever asks for it and however many at once.

import { expect, test } from '@jest/globals';
import type { PublishedProtocol } from '../../domain/protocols/protocol.js';
import type { Database } from '../connection/connect-database.js';
import { toRequest, useTestLab } from '../test-lab.js';
import { createRun } from './create-run.js';
import type { RunRequest } from './run-request.js';
import { closeRun } from './run.queries.js';

const AT_MS = 1_800_000_000_000;

let db: Database;
let definition: PublishedProtocol;

useTestLab((lab) => {
  ({ db, definition } = lab);
});

async function endRun(): Promise<string> {
  const { run } = await createRun(db, toRequest(definition));
  await closeRun(db, { runId: run.id, status: 'failed', atMs: AT_MS });
  return run.id;
}

const toContinuation = (runId: string, given: Partial<RunRequest> = {}): RunRequest =>
  toRequest(definition, { continues: { runId, ledger: [], from: 'root', reason: '' }, ...given });

test('of twenty at once one is created, and the others are told which', async () => {
  const runId = await endRun();
  const answers = await Promise.allSettled(Array.from({ length: 20 }, () => createRun(db, toContinuation(runId))));
  const created = answers.flatMap((answer) => (answer.status === 'fulfilled' ? [answer.value.run.id] : []));
  expect(created).toHaveLength(1);
  for (const answer of answers)
    if (answer.status === 'rejected')
      expect(answer.reason).toMatchObject({ code: 'NOT_CONTINUABLE', details: { continuedBy: created[0] } });
});

test('the same key again is the same run; once that has ended, the old one may be continued anew', async () => {
  const runId = await endRun();
  const first = await createRun(db, toContinuation(runId, { idempotencyKey: 'k', requestHash: 'h' }));
  expect(await createRun(db, toContinuation(runId, { idempotencyKey: 'k', requestHash: 'h' }))).toMatchObject({
    created: false,
    run: { id: first.run.id },
  });
  await closeRun(db, { runId: first.run.id, status: 'failed', atMs: AT_MS });
  expect(await createRun(db, toContinuation(runId))).toMatchObject({ created: true });
});
