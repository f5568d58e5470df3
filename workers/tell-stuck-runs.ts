// Tells people of runs whose workflow cannot go on: tasks of it fail again and again, or end the process that executes
// them. Known where workflow code is executed, so that nobody asks Temporal about each run.

import type { Database } from '../db/connect-database.js';
import { endStuckRun, listStuckRuns, raiseStuckRun } from '../db/queries/stuck-run.js';
import type { Logger } from '../platform/logging.js';
import { STRIKES_MAX, type SlotEvents, type SlotRun } from './workflow-slots.js';

/** One failure may be a process that ended; it is tried again at once, and the third time some seconds later. */
const FAILURES_MAX = 3;
const MESSAGE_CHARS_MAX = 500;

export interface StuckRunTeller extends SlotEvents {
  /** Resolves when everything is told. */
  close(): Promise<void>;
}

/** Of a run that was stuck before this process began: any part of it may have been. */
const ANY_PART = '';

export async function createStuckRunTeller(db: Database, logger: Logger): Promise<StuckRunTeller> {
  /** Runs that people know of, or are just told of, by the workflows of theirs that are stuck. */
  const told = new Map((await listStuckRuns(db)).map((runId) => [runId, new Set([ANY_PART])] as const));
  let telling: Promise<unknown> = Promise.resolve();
  const queue = (work: () => Promise<unknown>, onError: () => void): void => {
    telling = telling.then(work).catch((error: unknown) => {
      onError();
      logger.warn({ err: error }, 'nobody could be told of a run that cannot go on');
    });
  };
  const tell = ({ workflowId, rootId }: SlotRun, why: string): void => {
    const stuck = told.get(rootId) ?? new Set<string>();
    if (stuck.has(workflowId)) return;
    told.set(rootId, stuck.add(workflowId));
    const text = `The run cannot go on: ${why.slice(0, MESSAGE_CHARS_MAX)} Terminate it when its machines are safe (temporal workflow terminate -w ${rootId}), mend what is wrong, and continue it from where it was.`;
    logger.error({ runId: rootId, workflowId }, text);
    // Asked again at the next failure, where Postgres was away.
    queue(() => raiseStuckRun(db, { runId: rootId, text, atMs: Date.now() }), () => { stuck.delete(workflowId); });
  };
  return {
    onStrike: (run, { count, why }) => {
      logger.error({ runId: run.rootId, workflowId: run.workflowId, count, why }, 'the process that executed workflow code has ended in the turn of this run');
      if (count >= STRIKES_MAX) tell(run, `its workflow ended the process that executes it ${count} times; ${why}.`);
    },
    onFailing: (run, { times, message }) => {
      if (times >= FAILURES_MAX) tell(run, `its workflow task failed ${times} times: ${message}.`);
    },
    onWell: ({ workflowId, rootId }) => {
      const stuck = told.get(rootId);
      if (!stuck) return;
      stuck.delete(workflowId);
      stuck.delete(ANY_PART);
      if (stuck.size > 0) return;
      told.delete(rootId);
      queue(() => endStuckRun(db, rootId, Date.now()), () => undefined);
    },
    close: async () => { await telling; },
  };
}
