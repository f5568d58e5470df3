// A round of the reconciler: the open rows of Postgres held against the running workflows of Temporal, of which there are as many.

import { connectTemporal } from '../api/temporal/temporal-client.js';
import type { Figure } from './figures.js';
import { quantile } from './ratios.js';
import type { Stage } from './stage.js';

const PARALLEL_STARTS = 16;
/** What has been started by then is compared. */
const LONGEST_FILL_MS = 120_000;
const ROUNDS = 5;
const TOLD_EACH_STARTS = 1_000;
/** Below it the figure would be of another lab. */
const STARTED_SHARE_MIN = 0.5;
const GOAL_MS = 2_000;
/** Nobody takes tasks from it: the workflows stay open. */
const TASK_QUEUE = 'bench-scale-nobody';

export async function measureRound(
  { temporal, record, say }: Stage,
  given: { rows: number; readRows: () => Promise<readonly string[]> },
): Promise<Figure> {
  const left = [...(await given.readRows())];
  say(`  scale: starting ${left.length} workflows that nobody executes`);
  const total = left.length;
  const started = new Set<string>();
  let refused = 0;
  const untilMs = performance.now() + LONGEST_FILL_MS;
  await Promise.all(
    Array.from({ length: PARALLEL_STARTS }, async () => {
      for (let workflowId = left.pop(); workflowId !== undefined && performance.now() < untilMs; workflowId = left.pop()) {
        if (left.length % TOLD_EACH_STARTS === 0)
          say(`  scale: ${started.size} of ${total} workflows are started, ${refused} starts were refused`);
        const options = { workflowId, taskQueue: TASK_QUEUE, args: [] };
        // A server that is too busy for one start takes the next.
        await temporal.workflow.start('scale', options).then(
          () => {
            started.add(options.workflowId);
          },
          () => {
            refused += 1;
          },
        );
      }
    }),
  );
  if (started.size < STARTED_SHARE_MIN * total)
    throw new Error(`Temporal took ${started.size} of ${total} workflows within ${LONGEST_FILL_MS / 1_000} s.`);
  const client = connectTemporal({ address: record.temporalAddress, namespace: temporal.options.namespace });
  const tookMs: number[] = [];
  let missing = 0;
  let failed: unknown;
  try {
    for (let round = 0; round < ROUNDS; round += 1) {
      const beganAtMs = performance.now();
      try {
        const [rows, running] = [await given.readRows(), await client.listRunningIds()];
        missing = rows.filter((id) => started.has(id) && !running.has(id)).length;
        tookMs.push(performance.now() - beganAtMs);
      } catch (error) {
        say(`  scale: round ${round + 1} of ${ROUNDS} could not be taken: ${error instanceof Error ? error.message : String(error)}`);
        failed = error;
      }
    }
  } finally {
    await client.close();
  }
  if (tookMs.length === 0) throw new Error('Temporal answered none of the lists that a round reads.', { cause: failed });
  const detail = `${tookMs.length} of ${ROUNDS} rounds; ${started.size} workflows; ${missing} of them would be asked for one by one`;
  return {
    name: `round of the reconciler with ${started.size} open runs`,
    value: quantile(tookMs, 0.5),
    unit: 'ms',
    goal: { atMost: GOAL_MS },
    detail,
    raw: { tookMs },
  };
}
