// Tells of ends without a word. Who is terminated or times out can tell nobody; an execution of its parent that did not start
// it hears nothing from Temporal either. So what ended so is listed every second, with a look back: a run is ended wholly, and
// of a call the parent is told, once all below it is gone too.

import { endBelow, inPortions } from './end-below.js';
import { endLostRun, type LostRunWorld } from './end-lost-run.js';
import { startPokedLoop, type PokedLoop } from './poked-loop.js';
import type { TemporalClient } from './temporal-client.js';
import type { EndedWorkflow } from './workflow-outcomes.js';
import { noteEndedCall, withdrawItemsOf } from '../db/queries/lost-run.queries.js';
import { getRun } from '../db/queries/run.queries.js';

const LIST_INTERVAL_MS = 1_000;
/** What ended while nobody looked. An older end of a whole run is found by its open row. */
const LOOK_BACK_AT_START_MS = 24 * 60 * 60_000;
/** Clocks differ, and the list is late. */
const LOOK_BACK_MS = 30_000;

export type TellerWorld = LostRunWorld & { readonly temporal: Pick<TemporalClient, 'listWordlessEnds' | 'listOpenBelow' | 'terminate' | 'tellLostChild'> };

export function startOutsideTeller(world: TellerWorld): PokedLoop {
  const { db, temporal, logger, now } = world;
  let sinceMs = now() - LOOK_BACK_AT_START_MS;
  /** Executions whose end was dealt with, and when it was first seen. */
  const done = new Map<string, number>();
  const lostRuns = new Set<string>();

  const tellParent = async ({ workflowId, parentWorkflowId, endedAs }: EndedWorkflow): Promise<void> => {
    const runId = toRunId(workflowId);
    // The whole run was ended: nobody waits for its calls.
    if (parentWorkflowId === null || lostRuns.has(runId)) return;
    // First, so that nothing of it begins while the calls below are ended one by one.
    await noteEndedCall(db, { runId, workflowId, atMs: now() });
    const descendants = await endBelow(temporal, runId, workflowId);
    await withdrawItemsOf(db, { runId, workflowIds: [workflowId, ...descendants], atMs: now() });
    const isTold = await temporal.tellLostChild(parentWorkflowId, { workflowId, endedAs, descendants });
    if (isTold) logger.warn({ workflowId, endedAs, descendants: descendants.length }, 'a call that was ended from outside was made known to its parent');
  };
  const endRun = async ({ workflowId, endedAs }: EndedWorkflow): Promise<void> => {
    const run = await getRun(db, workflowId);
    if (run === undefined) return;
    lostRuns.add(workflowId);
    // Calls are ended before the row is: what has a closed row has left nothing behind.
    if (run.endedAt === null) await endLostRun(world, run, { phase: 'closed', closedAs: endedAs });
  };
  const look = async (): Promise<void> => {
    const beganMs = now();
    const ended = (await temporal.listWordlessEnds(sinceMs)).filter(({ executionId }) => !done.has(executionId));
    const isRun = ({ parentWorkflowId }: EndedWorkflow): boolean => parentWorkflowId === null;
    let isAllDone = true;
    const deal = (act: (each: EndedWorkflow) => Promise<void>) => async (each: EndedWorkflow): Promise<void> => {
      try {
        await act(each);
        done.set(each.executionId, beganMs);
      } catch (error) {
        // The others must not wait for it; the next round tries again.
        isAllDone = false;
        logger.warn({ err: error, workflowId: each.workflowId }, 'an end from outside could not be dealt with');
      }
    };
    await inPortions(ended.filter(isRun), deal(endRun));
    await inPortions(ended.filter((each) => !isRun(each)), deal(tellParent));
    if (!isAllDone) return;
    sinceMs = beganMs - LOOK_BACK_MS;
    for (const [executionId, seenMs] of done) if (seenMs < sinceMs - LOOK_BACK_MS) done.delete(executionId);
  };
  return startPokedLoop({
    intervalMs: LIST_INTERVAL_MS,
    work: look,
    onError: (error) => { logger.warn({ err: error }, 'ends from outside could not be looked for'); },
  });
}

/** Ids of calls begin with that of their run. */
function toRunId(workflowId: string): string {
  return workflowId.split('/')[0] ?? workflowId;
}
