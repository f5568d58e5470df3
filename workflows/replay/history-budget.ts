// How long the history of one execution may become. The budget is soft, then hard: from the soft one on the workflow
// continues as new in the first moment in which nothing is under way that would cost something to leave; from the hard one
// on no operation begins any more; and only what can't be left at all holds it open up to the last one.

import { workflowInfo } from '@temporalio/workflow';

/** Soft. Replays of twice as many take a second, and a run whose worker died is back after as much. */
export const HISTORY_BUDGET_EVENTS = 1_500;
/** What an event may weigh on average before bytes count first. */
const EVENT_BYTES = 2_800;
const HARD_PART = 4 / 3;
const LAST_PART = 4;
/** Each execution has at least this part of the soft budget for itself, whatever it was begun with. */
const LEAST_PART = 0.5;

/** In the order in which they are reached. */
export type Fullness = 'room' | 'soft' | 'hard' | 'last';

/** How full the history is. `givenEvents`: with which the execution began, so that each one gets further. */
export function readFullness(budgetEvents: number, givenEvents: number): Fullness {
  const { historyLength, historySize } = workflowInfo();
  const events = Math.max(historyLength, historySize / EVENT_BYTES);
  const soft = Math.max(budgetEvents, givenEvents + budgetEvents * LEAST_PART);
  if (events <= soft) return 'room';
  if (events <= soft * HARD_PART) return 'soft';
  return events <= soft * LAST_PART ? 'hard' : 'last';
}
