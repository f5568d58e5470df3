// Ends from outside that could not be dealt with: each is tried again by itself, less and less often, and for a day, so that
// none of them keeps the others waiting. Who is given up is told to people.

import type { EndedWorkflow } from '../temporal/workflow-outcomes.js';

/** As long as an API that begins looks back. */
export const OWED_LIMIT_MS = 24 * 60 * 60_000;
const FIRST_INTERVAL_MS = 1_000;
const LONGEST_INTERVAL_MS = 30_000;

export interface OwedEnds {
  /** All of them: what is told of one may need those that ended with it. */
  list(): readonly EndedWorkflow[];
  /** It is not its turn yet. */
  isResting(end: EndedWorkflow, nowMs: number): boolean;
  /** They could not be dealt with. True where they were tried for so long that they are given up, and are owed no more. */
  note(ends: readonly EndedWorkflow[], nowMs: number): boolean;
  settle(ends: readonly EndedWorkflow[]): void;
}

interface Owed {
  readonly end: EndedWorkflow;
  readonly sinceMs: number;
  readonly intervalMs: number;
  readonly nextAtMs: number;
}

export function createOwedEnds(): OwedEnds {
  const owed = new Map<string, Owed>();
  const settle = (ends: readonly EndedWorkflow[]): void => {
    for (const { executionId } of ends) owed.delete(executionId);
  };
  return {
    list: () => [...owed.values()].map(({ end }) => end),
    isResting: ({ executionId }, nowMs) => nowMs < (owed.get(executionId)?.nextAtMs ?? 0),
    note: (ends, nowMs) => {
      for (const end of ends) {
        const before = owed.get(end.executionId);
        const intervalMs = before === undefined ? FIRST_INTERVAL_MS : Math.min(2 * before.intervalMs, LONGEST_INTERVAL_MS);
        owed.set(end.executionId, { end, sinceMs: before?.sinceMs ?? nowMs, intervalMs, nextAtMs: nowMs + intervalMs });
      }
      const isGivenUp = ends.some(({ executionId }) => nowMs - (owed.get(executionId)?.sinceMs ?? nowMs) > OWED_LIMIT_MS);
      if (isGivenUp) settle(ends);
      return isGivenUp;
    },
    settle,
  };
}
