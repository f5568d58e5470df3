// Starts the workflow of every run row that has none: the row is committed first, so a crash between the two leaves
// work for this loop, in this process or the next, and never a run that exists only in Temporal.

import { startPokedLoop } from '../live/notified-loop.js';
import type { Logger } from '../http/logger.js';
import type { TemporalClient } from '../temporal/temporal-client.js';
import type { Database } from '../../db/connection/connect-database.js';
import { markRunStarted } from '../../db/runs/run-status.js';
import { listUnstartedRuns, type UnstartedRun } from '../../db/runs/run.queries.js';

/** How often the rows of other, perhaps dead, API processes are looked for. */
const LOOK_INTERVAL_MS = 1000;
const PARALLEL_STARTS_MAX = 8;
/** The start is written down after the run's first steps, so that it does not compete with them for the disk. */
const MARK_DELAY_MS = 50;
const LOOK_LIMIT_ROWS = 200;
const RETRY_DELAY_FIRST_MS = 100;
const RETRY_DELAY_MAX_MS = 5000;

export interface StarterLoop {
  /** A row was committed: start it now, without reading it back. */
  start(run: UnstartedRun): void;
  close(): Promise<void>;
}

export function startStarterLoop(options: { db: Database; temporal: TemporalClient; logger: Logger; now: () => number }): StarterLoop {
  const { db, temporal, logger, now } = options;
  const starting = new Map<string, Promise<void>>();
  /** When it is tried again, by a clock that nobody sets. */
  const failures = new Map<string, { count: number; retryAtMs: number }>();
  const retryTimers = new Set<NodeJS.Timeout>();
  let isClosed = false;

  const startOne = async (run: UnstartedRun): Promise<void> => {
    try {
      const { workflowRunId } = await temporal.startRun(run.envelope, run.bundle);
      const startedAtMs = now();
      if (!isClosed) await new Promise((resolve) => setTimeout(resolve, MARK_DELAY_MS));
      await markRunStarted(db, { runId: run.id, workflowRunId, atMs: startedAtMs });
      failures.delete(run.id);
    } catch (error) {
      const count = (failures.get(run.id)?.count ?? 0) + 1;
      const delayMs = Math.min(RETRY_DELAY_FIRST_MS * 2 ** (count - 1), RETRY_DELAY_MAX_MS);
      failures.set(run.id, { count, retryAtMs: performance.now() + delayMs });
      logger.warn({ err: error, runId: run.id, attempt: count, delayMs }, 'a run could not be started yet');
      pokeAfter(delayMs);
    } finally {
      starting.delete(run.id);
    }
  };
  const pokeAfter = (delayMs: number): void => {
    const timer = setTimeout(() => {
      retryTimers.delete(timer);
      loop.poke();
    }, delayMs);
    retryTimers.add(timer);
  };
  const startWhatIsDue = async (): Promise<void> => {
    if (starting.size >= PARALLEL_STARTS_MAX) return;
    const runs = await listUnstartedRuns(db, LOOK_LIMIT_ROWS);
    const isDue = ({ id }: UnstartedRun): boolean => !starting.has(id) && (failures.get(id)?.retryAtMs ?? 0) <= performance.now();
    const due = runs.filter(isDue);
    const room = PARALLEL_STARTS_MAX - starting.size;
    for (const run of due.slice(0, room)) starting.set(run.id, startOne(run));
    // More is due than there is room for: look again as soon as a start has ended.
    if (due.length > room) void Promise.race(starting.values()).then(() => loop.poke());
  };

  const loop = startPokedLoop({
    intervalMs: LOOK_INTERVAL_MS,
    work: startWhatIsDue,
    onError: (error) => logger.warn({ err: error }, 'runs that wait for their start cannot be read'),
  });
  return {
    start: (run) => {
      if (isClosed || starting.has(run.id)) return;
      if (starting.size < PARALLEL_STARTS_MAX) starting.set(run.id, startOne(run));
      else loop.poke();
    },
    close: async () => {
      isClosed = true;
      await loop.close();
      await Promise.all(starting.values());
      for (const timer of retryTimers) clearTimeout(timer);
    },
  };
}
