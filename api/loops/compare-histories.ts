// Compares the open workflows of Temporal with the run rows: one that no row knows is shown to nobody and its machines look
// free, because Postgres was lost or an older copy of it restored. It is paused, its machines are kept, and a person is told.
// The other way round, a row without a workflow, is the reconciler's.

import { startPokedLoop, type PokedLoop } from '../live/notified-loop.js';
import type { Logger } from '../http/logger.js';
import type { TemporalClient } from '../temporal/temporal-client.js';
import type { Database } from '../../db/connection/connect-database.js';
import {
  endReports,
  listReportedWorkflows,
  listUnknownRuns,
  reportUnknownWorkflow,
  type UnknownWorkflow,
} from '../../db/losses/unknown-workflow.queries.js';

/** At the start, and then this often: the list costs a page for each thousand open runs. */
const LOOK_INTERVAL_MS = 30_000;
const PORTION_WORKFLOWS = 500;
const PAUSED_BY = 'praxis';

export function startHistoryComparison(options: { db: Database; temporal: TemporalClient; logger: Logger; now: () => number }): PokedLoop {
  const { db, temporal, logger, now } = options;

  const report = async (workflow: UnknownWorkflow): Promise<void> => {
    // Before it is told: an alarm is raised once, and a pause that fails is tried again with it.
    await temporal.signalRun(workflow.workflowId, 'pause', { by: PAUSED_BY, reason: 'The database knows no such run.' });
    if (await reportUnknownWorkflow(db, workflow, { temporal: temporal.place, atMs: now() }))
      logger.error({ ...workflow }, 'a workflow is open that no run row knows');
  };
  const findUnknown = async (portion: readonly UnknownWorkflow[], known: ReadonlySet<string>): Promise<readonly UnknownWorkflow[]> => {
    const unknown = new Set(
      await listUnknownRuns(
        db,
        portion.map(({ workflowId }) => workflowId),
      ),
    );
    return portion.filter(({ workflowId }) => unknown.has(workflowId) && !known.has(workflowId));
  };
  /** Those that were paused here, and cannot be told of where the database does not know their workcell. */
  let reported = new Set<string>();

  const compare = async (): Promise<void> => {
    // Also by another process, or by this one before it was started anew: a person may have let one go on.
    const before = new Set([...reported, ...(await listReportedWorkflows(db))]);
    const still = new Set<string>();
    for await (const portion of inPortions(temporal.listOpenRuns())) {
      for (const { workflowId } of portion) if (before.has(workflowId)) still.add(workflowId);
      for (const workflow of await findUnknown(portion, before)) {
        await report(workflow);
        still.add(workflow.workflowId);
      }
    }
    reported = still;
    await endReports(db, [...still], now());
  };
  return startPokedLoop({
    intervalMs: LOOK_INTERVAL_MS,
    work: compare,
    onError: (error) => {
      logger.warn({ err: error }, 'the workflows of Temporal could not be compared with the runs');
    },
  });
}

async function* inPortions<T>(items: AsyncIterable<T>): AsyncGenerator<readonly T[]> {
  let portion: T[] = [];
  for await (const item of items) {
    portion.push(item);
    if (portion.length < PORTION_WORKFLOWS) continue;
    yield portion;
    portion = [];
  }
  if (portion.length > 0) yield portion;
}
