// A round of the reconciler: the open rows of Postgres held against the running workflows of Temporal, of which there are as many.

import { connectTemporal } from '../api/temporal-client.js';
import type { Figure } from './figures.js';
import { quantile } from './ratios.js';
import type { Stage } from './stage.js';

const PARALLEL_STARTS = 64;
const ROUNDS = 5;
const GOAL_MS = 2_000;
/** Nobody takes tasks from it: the workflows stay open. */
const TASK_QUEUE = 'bench-scale-nobody';

export async function measureRound({ temporal, record, say }: Stage, given: { rows: number; readRows: () => Promise<readonly string[]> }): Promise<Figure> {
  const ids = await given.readRows();
  say(`  scale: starting ${ids.length} workflows that nobody executes`);
  const left = [...ids];
  await Promise.all(
    Array.from({ length: PARALLEL_STARTS }, async () => {
      for (let workflowId = left.pop(); workflowId !== undefined; workflowId = left.pop()) {
        await temporal.workflow.start('scale', { workflowId, taskQueue: TASK_QUEUE, args: [] });
      }
    }),
  );
  const client = connectTemporal({ address: record.temporalAddress, namespace: temporal.options.namespace });
  const tookMs: number[] = [];
  let missing = 0;
  try {
    for (let round = 0; round < ROUNDS; round += 1) {
      const beganAtMs = performance.now();
      const [rows, running] = [await given.readRows(), await client.listRunningIds()];
      missing = rows.filter((id) => !running.has(id)).length;
      tookMs.push(performance.now() - beganAtMs);
    }
  } finally {
    await client.close();
  }
  const detail = `${ids.length} rows and workflows; ${missing} would be asked for one by one`;
  return { name: `round of the reconciler with ${ids.length} open runs`, value: quantile(tookMs, 0.5), unit: 'ms', goal: { atMost: GOAL_MS }, detail, raw: { tookMs } };
}
