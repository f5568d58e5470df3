// What lets operations begin: not while the run is held, not once it is cancelled, not when the history is full.

import { CancellationScope, CancelledFailure, condition, workflowInfo } from '@temporalio/workflow';
import type { Json } from '../domain/json.js';
import type { Ledger } from './ledger.js';
import { Rearm, type Live, type Operation, type Settle } from './operation.js';

/** From here on no operation begins and the workflow continues as new as soon as those under way have ended. */
export const HISTORY_BUDGET_EVENTS = 1_500;
const HISTORY_BUDGET_BYTES = 4 * 1024 * 1024;

export interface StarterWorld {
  /** Operations run inside; cancelled with the run. */
  readonly operations: CancellationScope;
  readonly isPaused: () => boolean;
  readonly isCancelled: () => boolean;
  /** What an earlier execution left for its operations, by id. */
  readonly open: Readonly<Record<string, Json>>;
  readonly historyBudgetEvents: number;
}

export interface Starter {
  /** Begins an operation now, or as soon as it may; or leaves it to the next execution. */
  begin(operation: Operation<Json>, settle: Settle): void;
  isContinuing(): boolean;
  isIdle(): boolean;
  readonly open: Readonly<Record<string, Json>>;
}

export function createStarter(world: StarterWorld, ledger: Ledger, end: (operation: Operation<Json>, settle: Settle, live: Live) => void): Starter {
  const open: Record<string, Json> = {};
  let isContinuing = false;
  let underWay = 0;

  const begin: Starter['begin'] = (operation, settle) => {
    const { isShielded } = operation;
    if (!isShielded && world.isCancelled()) {
      end(operation, settle, { error: new CancelledFailure(`The run was cancelled before ${operation.id}`) });
      return;
    }
    // What an earlier execution was in the middle of has begun: it may be the very question whose answer ends the hold.
    const hasBegun = world.open[operation.id] !== undefined;
    if (!isShielded && !hasBegun && world.isPaused() && !isContinuing) {
      const mayGoOn = (): boolean => !world.isPaused() || world.isCancelled() || isContinuing;
      void CancellationScope.nonCancellable(() => condition(mayGoOn)).then(() => { begin(operation, settle); });
      return;
    }
    isContinuing ||= isHistoryFull(world.historyBudgetEvents);
    if (isContinuing) {
      // What an earlier execution left for it, it has in the next one too.
      const carried = world.open[operation.id];
      if (carried !== undefined) open[operation.id] = carried;
      return;
    }
    try {
      if (!isShielded) ledger.requireRoom();
    } catch (error) {
      end(operation, settle, { error });
      return;
    }
    execute(operation, settle);
  };

  const execute = (operation: Operation<Json>, settle: Settle): void => {
    const run = (): Promise<Json> => operation.run(world.open[operation.id]);
    underWay += 1;
    const ended = operation.isShielded ? CancellationScope.nonCancellable(run) : world.operations.run(run);
    ended.then(
      (value) => {
        underWay -= 1;
        end(operation, settle, { value });
      },
      (error: unknown) => {
        underWay -= 1;
        if (error instanceof Rearm) open[operation.id] = error.carried;
        else end(operation, settle, { error });
      },
    );
  };

  return { begin, open, isContinuing: () => isContinuing, isIdle: () => underWay === 0 };
}

function isHistoryFull(budgetEvents: number): boolean {
  const { historyLength, historySize } = workflowInfo();
  return historyLength > budgetEvents || historySize > HISTORY_BUDGET_BYTES;
}
