// What lets operations begin: not while the run is held, not once it is cancelled, not when the history is full. Knows
// what is under way, and so when the workflow may continue as new and what it leaves to its next execution.

import { CancellationScope, CancelledFailure, condition, workflowInfo } from '@temporalio/workflow';
import { LabError } from '../../domain/errors/error.js';
import type { Json } from '../../domain/json/json.js';
import { readFullness } from './history-budget.js';
import type { Ledger } from './ledger.js';
import { createOpenLimit } from './limit-open.js';
import { Rearm, type Leaving, type Live, type Operation, type Settle, type UnderWay } from './operation.js';

export interface StarterWorld {
  /** Operations run inside; cancelled with the run. */
  readonly operations: CancellationScope;
  readonly isPaused: () => boolean;
  readonly isCancelled: () => boolean;
  /** The run remembers more than it can carry, and has been told. */
  readonly isFull: () => boolean;
  /** What an earlier execution left for its operations, by id. */
  readonly open: Readonly<Record<string, Json>>;
  readonly historyBudgetEvents: number;
}

export interface Issued {
  readonly operation: Operation<Json>;
  /** The code that asked for it acts no more: what has not begun by then never does. */
  readonly isLeftOver: () => boolean;
  readonly settle: Settle;
}

export interface Starter {
  /** Begins an operation now, or as soon as it may; or leaves it to the next execution. */
  begin(issued: Issued): void;
  /** Author code is where it was: what an earlier execution left begins again. */
  beginAll(issued: readonly Issued[]): void;
  /** No operation begins any more in this execution. */
  isContinuing(): boolean;
  /** Nothing is under way that has to end in this execution. */
  mayLeave(): boolean;
  /** What the next execution begins with, by id; asked for in the moment in which this one ends. */
  leave(): Readonly<Record<string, Json>>;
}

interface Begun {
  readonly operation: Operation<Json>;
  leaving: Leaving | undefined;
}

export function createStarter(
  world: StarterWorld,
  ledger: Ledger,
  end: (operation: Operation<Json>, settle: Settle, live: Live) => void,
): Starter {
  /** What waits for the next execution already. */
  const open: Record<string, Json> = {};
  const underWay = new Set<Begun>();
  let isContinuing = false;
  let givenEvents = 0;

  const shouldContinue = (): boolean => {
    const begun = [...underWay];
    switch (readFullness(world.historyBudgetEvents, givenEvents)) {
      case 'room':
        return false;
      case 'soft':
        return begun.every(({ leaving }) => leaving?.isFree === true);
      case 'hard':
        return begun.every(({ operation }) => operation.mustEnd !== true);
      case 'last':
        return true;
    }
  };
  const look = (): boolean => {
    isContinuing ||= shouldContinue();
    return isContinuing;
  };
  /** What moves has to end with its run: only the execution that has begun it can stop it and be sure. */
  const mayLeaveOne = ({ operation, leaving }: Begun): boolean =>
    leaving !== undefined && (leaving.isFree || operation.isShielded || !world.isCancelled());
  const limit = createOpenLimit(() => isContinuing || world.isCancelled());

  const begin: Starter['begin'] = (issued) => {
    const { operation, settle, isLeftOver } = issued;
    const { isShielded } = operation;
    // What an earlier execution was in the middle of has begun: it may be the very question whose answer ends the hold, and
    // where the run is cancelled it ends like everything that was under way.
    const hasBegun = world.open[operation.id] !== undefined;
    if (!isShielded && !hasBegun && world.isCancelled()) {
      end(operation, settle, { error: new CancelledFailure(`The run was cancelled before ${operation.id}`) });
      return;
    }
    // Its call may have been given up while it waited. The ledger says so: on the way back author code asks for it before that.
    if (!hasBegun && isLeftOver()) {
      end(operation, settle, { error: new LabError('CALL_ABANDONED') });
      return;
    }
    if (!isShielded && !hasBegun && world.isPaused() && !look()) {
      const mayGoOn = (): boolean => !world.isPaused() || world.isCancelled() || isLeftOver() || look();
      void CancellationScope.nonCancellable(() => condition(mayGoOn)).then(() => {
        begin(issued);
      });
      return;
    }
    if (look()) {
      const carried = world.open[operation.id];
      if (carried !== undefined) open[operation.id] = carried;
      return;
    }
    try {
      if (!isShielded && !hasBegun) ledger.requireRoom(world.isFull());
    } catch (error) {
      end(operation, settle, { error });
      return;
    }
    // What has begun, or belongs to a cleanup, waits for nobody.
    if (!isShielded && !hasBegun && limit.mustWait(operation.place))
      limit.wait(operation.place, () => {
        begin(issued);
      });
    else execute(operation, settle);
  };

  const execute = (operation: Operation<Json>, settle: Settle): void => {
    const begun: Begun = { operation, leaving: undefined };
    const run = (): Promise<Json> => operation.run(world.open[operation.id], toUnderWay(begun));
    underWay.add(begun);
    limit.enter(operation.place);
    const ended = operation.isShielded ? CancellationScope.nonCancellable(run) : world.operations.run(run);
    ended.then(
      (value) => {
        underWay.delete(begun);
        end(operation, settle, { value });
        limit.leave(operation.place);
      },
      (error: unknown) => {
        underWay.delete(begun);
        if (error instanceof Rearm) open[operation.id] = error.carried;
        else end(operation, settle, { error });
        limit.leave(operation.place);
      },
    );
  };

  return {
    begin,
    beginAll: (issued) => {
      givenEvents = workflowInfo().historyLength + issued.length;
      for (const each of issued) begin(each);
    },
    isContinuing: look,
    mayLeave: () => [...underWay].every(mayLeaveOne),
    leave: () => {
      const left = [...underWay].map(({ operation, leaving }) => [operation.id, leaving?.carry()] as const);
      return { ...open, ...Object.fromEntries(left.flatMap(([id, carried]) => (carried === undefined ? [] : [[id, carried]]))) };
    },
  };
}

function toUnderWay(begun: Begun): UnderWay {
  return {
    mayBeLeft: async (leaving, work) => {
      begun.leaving = leaving;
      try {
        return await work();
      } finally {
        begun.leaving = undefined;
      }
    },
  };
}
