// Tells people of runs whose workflow cannot go on: tasks of it fail again and again, or end the process that executes
// them. Known where workflow code is executed, so that nobody asks Temporal about each run.

import { WorkflowNotFoundError, type Client } from '@temporalio/client';
import type { Database } from '../db/connection/connect-database.js';
import { endStuckRun, listStuckRuns, raiseStuckRun } from '../db/inbox/stuck-run.js';
import { toTerminateCommand, type TemporalAddress } from '../domain/runs/terminate-command.js';
import type { Logger } from '../platform/logging.js';
import type { SlotRun } from './turn-record.js';
import { STRIKES_MAX, type SlotEvents } from './workflow-slots.js';

/** One failure may be a process that ended; it is tried again at once, and the third time some seconds later. */
const FAILURES_MAX = 3;
/** Each of these has cost the time of a task already. */
const UNRECORDED_MAX = 2;
const MESSAGE_CHARS_MAX = 500;
/** Between two looks at those that people were told of, which are few. */
const LOOK_INTERVAL_MS = 5_000;

export interface StuckRunTeller extends SlotEvents {
  /** Resolves when everything is told. */
  close(): Promise<void>;
}

export interface StuckRunWorld {
  readonly db: Database;
  /** For the command that people are told. */
  readonly temporal: TemporalAddress;
  readonly logger: Pick<Logger, 'warn' | 'error'>;
  /** Whether a workflow will never have a turn again. */
  readonly isClosed: (workflowId: string) => Promise<boolean>;
  readonly lookIntervalMs?: number;
}

/** Of a run that was stuck before this process began: any part of it may have been. */
const ANY_PART = '';

function toAlarm(why: string, terminateCommand: string): string {
  return `The run cannot go on: ${why.slice(0, MESSAGE_CHARS_MAX)} Terminate it when its machines are safe (${terminateCommand}), mend what is wrong, and continue it from where it was.`;
}

export async function createStuckRunTeller(world: StuckRunWorld): Promise<StuckRunTeller> {
  const { db, temporal, logger, lookIntervalMs = LOOK_INTERVAL_MS } = world;
  /** Runs that people know of, or are just told of, by the workflows of theirs that are stuck. Empty until people know that none is. */
  const told = new Map((await listStuckRuns(db)).map((runId) => [runId, new Set([ANY_PART])] as const));
  const ending = new Set<string>();
  let telling: Promise<unknown> = Promise.resolve();
  const queue = (work: () => Promise<unknown>, onError: () => void = () => undefined): void => {
    telling = telling.then(work).catch((error: unknown) => {
      onError();
      logger.warn({ err: error }, 'nobody could be told of a run that cannot go on, or of one that can again');
    });
  };
  const tell = ({ workflowId, rootId }: SlotRun, why: string): void => {
    const stuck = told.get(rootId) ?? new Set<string>();
    if (stuck.has(workflowId)) return;
    told.set(rootId, stuck.add(workflowId));
    const text = toAlarm(why, toTerminateCommand(temporal, rootId));
    logger.error({ runId: rootId, workflowId }, text);
    // Asked again at the next failure, where Postgres was away.
    queue(
      () => raiseStuckRun(db, { runId: rootId, text, atMs: Date.now() }),
      () => void stuck.delete(workflowId),
    );
  };
  /** Where Postgres is away the run stays on the list, and the next turn or look tells it. */
  const endIfNone = (rootId: string): void => {
    if (told.get(rootId)?.size !== 0 || ending.has(rootId)) return;
    ending.add(rootId);
    queue(async () => {
      ending.delete(rootId);
      if (told.get(rootId)?.size !== 0) return;
      await endStuckRun(db, rootId, Date.now());
      if (told.get(rootId)?.size === 0) told.delete(rootId);
    });
  };
  const look = async (): Promise<void> => {
    for (const [rootId, stuck] of told) {
      if (stuck.size > 0 && (await world.isClosed(rootId))) stuck.clear();
      for (const workflowId of stuck) if (workflowId !== ANY_PART && (await world.isClosed(workflowId))) stuck.delete(workflowId);
      endIfNone(rootId);
    }
  };
  let looking: Promise<void> | undefined;
  const timer = setInterval(() => {
    looking ??= look()
      .catch((error: unknown) => logger.warn({ err: error }, 'nobody could say whether a run that cannot go on has ended'))
      .finally(() => {
        looking = undefined;
      });
  }, lookIntervalMs);
  return {
    onStrike: (run, { count, why }) => {
      const facts = { runId: run.rootId, workflowId: run.workflowId, count, why };
      logger.error(facts, 'the process that executed workflow code has ended in the turn of this run');
      if (count >= STRIKES_MAX) tell(run, `its workflow ended the process that executes it ${count} times; ${why}.`);
    },
    onFailing: (run, { times, message, isUnrecorded }) => {
      if (times >= (isUnrecorded ? UNRECORDED_MAX : FAILURES_MAX)) tell(run, `its workflow task failed ${times} times: ${message}.`);
    },
    onWell: ({ workflowId, rootId }) => {
      const stuck = told.get(rootId);
      if (!stuck) return;
      stuck.delete(workflowId);
      stuck.delete(ANY_PART);
      endIfNone(rootId);
    },
    close: async () => {
      clearInterval(timer);
      await looking;
      await telling;
    },
  };
}

/** A workflow of which Temporal knows nothing has closed long ago. */
export function createIsClosed(client: Client): StuckRunWorld['isClosed'] {
  return async (workflowId) => {
    try {
      return (await client.workflow.getHandle(workflowId).describe()).status.name !== 'RUNNING';
    } catch (error) {
      if (error instanceof WorkflowNotFoundError) return true;
      throw error;
    }
  };
}
