// Tells of ends without a word. Who is terminated or times out can tell nobody; an execution of its parent that did not start
// it hears nothing from Temporal either. So what ended so is listed every second, with a look back: a run is ended wholly, and
// of a call the parent is told, once all below it is gone too. What cannot be dealt with is tried again beside what ends later.

import { endBelow, inPortions } from './end-below.js';
import { endLostRun, type LostRunWorld } from './end-lost-run.js';
import { createOwedEnds } from './owed-ends.js';
import { startPokedLoop, type PokedLoop } from '../live/notified-loop.js';
import type { TemporalClient } from '../temporal/temporal-client.js';
import type { EndedWorkflow } from '../temporal/workflow-outcomes.js';
import { noteEndedCall, withdrawItemsOf } from '../../db/runs/lost-run.queries.js';
import { getRun } from '../../db/runs/run.queries.js';
import { raiseStuckRun } from '../../db/inbox/stuck-run.js';
import { toTerminateCommand } from '../../domain/runs/terminate-command.js';
import { toThrown } from '../../domain/values/thrown.js';

const LIST_INTERVAL_MS = 1_000;
/** What ended while nobody looked. An older end of a whole run is found by its open row. */
const LOOK_BACK_AT_START_MS = 24 * 60 * 60_000;
/** Clocks differ, and the list is late. */
const LOOK_BACK_MS = 30_000;

export type TellerWorld = LostRunWorld & {
  readonly temporal: Pick<TemporalClient, 'place' | 'listWordlessEnds' | 'listOpenBelow' | 'terminate' | 'tellLostChild'>;
};

export function startOutsideTeller(world: TellerWorld): PokedLoop {
  const { db, temporal, logger, now } = world;
  let sinceMs = now() - LOOK_BACK_AT_START_MS;
  /** Executions whose end was dealt with, and when it was first seen, by a clock that nobody sets. */
  const done = new Map<string, number>();
  const owed = createOwedEnds();

  const endRun = async ({ workflowId, endedAs }: EndedWorkflow): Promise<void> => {
    const run = await getRun(db, workflowId);
    // Calls are ended before the row is: what has a closed row has left nothing behind.
    if (run?.endedAt === null) await endLostRun(world, run, { phase: 'closed', closedAs: endedAs });
  };
  const look = async (): Promise<void> => {
    const beganMs = now();
    // Whoever sets the clock makes nothing due, and nobody too old to be told.
    const atMs = performance.now();
    const listed = joinEnds(await temporal.listWordlessEnds(sinceMs), owed.list());
    const isDone = ({ executionId }: EndedWorkflow): boolean => done.has(executionId);
    const isDue = (end: EndedWorkflow): boolean => !isDone(end) && !owed.isResting(end, atMs);
    const isRun = ({ parentWorkflowId }: EndedWorkflow): boolean => parentWorkflowId === null;
    const deal = async (ends: readonly EndedWorkflow[], act: () => Promise<void>): Promise<void> => {
      try {
        await act();
        owed.settle(ends);
      } catch (error) {
        const left = ends.filter((each) => !isDone(each));
        logger.warn({ err: error, workflowIds: left.map(({ workflowId }) => workflowId) }, 'an end from outside could not be dealt with');
        // The others must not wait for it; it is tried again by itself.
        if (!owed.note(ends, atMs)) return;
        await tellGivenUp(world, left, error);
      }
      for (const { executionId } of ends) done.set(executionId, atMs);
    };
    await inPortions(
      listed.filter((each) => isRun(each) && isDue(each)),
      (each) => deal([each], () => endRun(each)),
    );
    const lostRuns = new Set(listed.filter(isRun).map(({ workflowId }) => workflowId));
    const byRun = groupByRun(listed.filter((each) => !isRun(each)));
    await inPortions(
      [...byRun].filter(([, ends]) => ends.some(isDue)),
      ([runId, ends]) =>
        deal(ends, () =>
          tellOfCalls(world, runId, { fresh: new Set(ends.filter((each) => !isDone(each))), ends, isLost: lostRuns.has(runId) }),
        ),
    );
    sinceMs = beganMs - LOOK_BACK_MS;
    const kept = new Set(owed.list().map(({ executionId }) => executionId));
    for (const [executionId, seenMs] of done) if (seenMs < atMs - 2 * LOOK_BACK_MS && !kept.has(executionId)) done.delete(executionId);
  };
  return startPokedLoop({
    intervalMs: LIST_INTERVAL_MS,
    work: look,
    onError: (error) => {
      logger.warn({ err: error }, 'ends from outside could not be looked for');
    },
  });
}

/** Each once. */
function joinEnds(listed: readonly EndedWorkflow[], owed: readonly EndedWorkflow[]): readonly EndedWorkflow[] {
  return [...new Map([...owed, ...listed].map((each) => [each.executionId, each])).values()];
}

/** Whoever waits for them waits for ever, unless a person acts; of a whole run the row that stays open is looked at again. */
async function tellGivenUp({ db, temporal, logger, now }: TellerWorld, ends: readonly EndedWorkflow[], error: unknown): Promise<void> {
  for (const { workflowId, parentWorkflowId, endedAs } of ends) {
    const text = `${workflowId} was ended from outside (${endedAs.toLowerCase()}), and nobody could be told of it for a day: ${toThrown(error).message} Look at its machines, then terminate the run (${toTerminateCommand(temporal.place, toRunId(workflowId))}).`;
    logger.error({ workflowId }, text);
    if (parentWorkflowId !== null)
      await raiseStuckRun(db, { runId: toRunId(workflowId), text, atMs: now() }).catch((failure: unknown) => {
        logger.error({ err: failure, workflowId }, 'the alarm for it could not be raised');
      });
  }
}

interface EndsOfRun {
  /** Those that were not dealt with. */
  readonly fresh: ReadonlySet<EndedWorkflow>;
  /** All that are listed. */
  readonly ends: readonly EndedWorkflow[];
  /** The whole run was ended. */
  readonly isLost: boolean;
}

/** Of the calls of one run. One whose caller has ended so too is told of with its caller: nobody else waits for it. */
async function tellOfCalls(world: TellerWorld, runId: string, { fresh, ends, isLost }: EndsOfRun): Promise<void> {
  const run = await getRun(world.db, runId);
  // What has a closed row has left nothing behind, and what is being closed leaves nothing: nobody waits there for its calls.
  if (run !== undefined && (isLost || run.endedAt !== null)) return;
  const open = new Map((await world.temporal.listOpenBelow(runId)).map(({ workflowId, executionId }) => [workflowId, executionId]));
  // Somebody may have gone back to an earlier point of it: then another execution goes on under its id.
  const over = ends.filter(({ workflowId, executionId }) => (open.get(workflowId) ?? executionId) === executionId);
  const overIds = new Set(over.map(({ workflowId }) => workflowId));
  const told = over.filter((each) => fresh.has(each) && each.parentWorkflowId !== null && !overIds.has(each.parentWorkflowId));
  await inPortions(told, (each) => tellParent(world, runId, { call: each, below: listBelow(each, over) }));
}

async function tellParent(
  { db, temporal, logger, now }: TellerWorld,
  runId: string,
  { call, below }: { call: EndedWorkflow; below: readonly string[] },
): Promise<void> {
  const { workflowId, parentWorkflowId, endedAs } = call;
  if (parentWorkflowId === null) return;
  // First, so that nothing of it begins while the calls below are ended one by one.
  await noteEndedCall(db, { runId, workflowId, atMs: now() });
  const descendants = [...below, ...(await endBelow(temporal, runId, [workflowId, ...below]))];
  await withdrawItemsOf(db, { runId, workflowIds: [workflowId, ...descendants], atMs: now() });
  const isTold = await temporal.tellLostChild(parentWorkflowId, { workflowId, endedAs, descendants });
  if (isTold)
    logger.warn(
      { workflowId, endedAs, descendants: descendants.length },
      'a call that was ended from outside was made known to its parent',
    );
}

/** Ids of those that had a caller of the same end, up to this one. */
function listBelow(call: EndedWorkflow, ends: readonly EndedWorkflow[]): readonly string[] {
  const found = new Set([call.workflowId]);
  for (let size = 0; size < found.size; ) {
    size = found.size;
    for (const { workflowId, parentWorkflowId } of ends)
      if (parentWorkflowId !== null && found.has(parentWorkflowId)) found.add(workflowId);
  }
  found.delete(call.workflowId);
  return [...found];
}

function groupByRun(ends: readonly EndedWorkflow[]): ReadonlyMap<string, EndedWorkflow[]> {
  const groups = new Map<string, EndedWorkflow[]>();
  for (const each of ends) {
    const runId = toRunId(each.workflowId);
    const group = groups.get(runId);
    if (group) group.push(each);
    else groups.set(runId, [each]);
  }
  return groups;
}

/** Ids of calls begin with that of their run. */
function toRunId(workflowId: string): string {
  return workflowId.split('/')[0] ?? workflowId;
}
