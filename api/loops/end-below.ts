// Ends the workflows that a run, or one call of it, has left behind without anybody to answer for them. They go on when
// their parent is terminated, so they are listed and terminated until none is left; a tree that is still growing takes some rounds.

import { setTimeout as sleep } from 'node:timers/promises';
import type { TemporalClient } from '../temporal/temporal-client.js';
import type { ListedWorkflow } from '../temporal/workflow-outcomes.js';
import { LabError } from '../../domain/errors/error.js';

const PARALLEL_MAX = 16;
const ROUNDS_MAX = 50;
/** The list is late by some milliseconds: none is left when it says so twice, this far apart. */
const QUIET_ROUNDS = 2;
const ROUND_INTERVAL_MS = 150;
const REASON = 'Its parent was ended from outside.';

export type EndingClient = Pick<TemporalClient, 'listOpenBelow' | 'terminate'>;

/** Ends all that is open below the run, or below calls of it that have ended. Returns their ids; throws where Temporal does not answer. */
export async function endBelow(temporal: EndingClient, runId: string, ended: readonly string[]): Promise<readonly string[]> {
  const gone = new Set(ended);
  for (let round = 0, quiet = 0; quiet < QUIET_ROUNDS; round++) {
    if (round >= ROUNDS_MAX)
      throw new LabError('INTERNAL', { message: `Workflows below ${ended.join(', ')} are started faster than they are ended.` });
    if (round > 0) await sleep(ROUND_INTERVAL_MS);
    const open = await temporal.listOpenBelow(runId);
    const left = ended.includes(runId) ? open : selectBelow(open, gone);
    quiet = left.length === 0 ? quiet + 1 : 0;
    for (const { workflowId } of left) gone.add(workflowId);
    await inPortions(left, ({ workflowId }) => temporal.terminate(workflowId, REASON));
  }
  for (const id of ended) gone.delete(id);
  return [...gone];
}

/** Those whose parent is gone or to go. */
function selectBelow(open: readonly ListedWorkflow[], gone: ReadonlySet<string>): readonly ListedWorkflow[] {
  const below = new Set(gone);
  const left: ListedWorkflow[] = [];
  for (let isMore = true; isMore; ) {
    const more = open.filter(
      ({ workflowId, parentWorkflowId }) =>
        parentWorkflowId !== null && below.has(parentWorkflowId) && !left.some((each) => each.workflowId === workflowId),
    );
    isMore = more.length > 0;
    for (const each of more) below.add(each.workflowId);
    left.push(...more);
  }
  return left;
}

export async function inPortions<T>(list: readonly T[], work: (each: T) => Promise<unknown>): Promise<void> {
  for (let first = 0; first < list.length; first += PARALLEL_MAX) await Promise.all(list.slice(first, first + PARALLEL_MAX).map(work));
}
