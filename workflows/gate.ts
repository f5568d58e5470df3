// The gate: every tracked operation of a run passes `step`, and every completion comes back through one
// delivery loop. The loop hands over one completion at a time and lets author code react to it fully
// before the next, so that parallel branches interleave the same way live, under replay and on re-entry.

import { CancellationScope, CancelledFailure, condition } from '@temporalio/workflow';
import { toError } from './failures.js';
import { readWorkflowTimeMs } from './workflow-clock.js';

export interface Gate {
  /**
   * Runs one operation. `id` names it for ever; `shielded` operations (cleanups) also run after the run
   * was cancelled. Rejects with CancelledFailure when the run is cancelled and the operation has not begun.
   */
  step<T>(id: string, operation: () => Promise<T>, options: { readonly shielded: boolean }): Promise<T>;
  /** Workflow time of the last completion that author code has seen: the author's clock. */
  now(): number;
}

interface Completion {
  readonly atMs: number;
  readonly settle: () => void;
}

export function createGate(runScope: CancellationScope): Gate {
  const arrived: Completion[] = [];
  let clockMs = readWorkflowTimeMs();
  let isDelivering = false;
  // A cancelled scope would refuse the wait inside, and completions must arrive all the same.
  const shield = new CancellationScope({ cancellable: false });

  const deliverAll = async (): Promise<void> => {
    if (isDelivering) return;
    isDelivering = true;
    for (let next = arrived.shift(); next; next = arrived.shift()) {
      clockMs = next.atMs;
      next.settle();
      await drainMicrotasks();
    }
    isDelivering = false;
  };

  const arrive = (settle: () => void): void => {
    arrived.push({ atMs: readWorkflowTimeMs(), settle });
    void shield.run(deliverAll);
  };

  return {
    now: () => clockMs,
    step: <T>(id: string, operation: () => Promise<T>, { shielded }: { readonly shielded: boolean }) => {
      const promise = new Promise<T>((resolve, reject) => {
        if (runScope.consideredCancelled && !shielded) {
          reject(new CancelledFailure(`The run was cancelled before ${id}`));
          return;
        }
        const run = (): Promise<void> =>
          operation().then(
            (value) => { arrive(() => { resolve(value); }); },
            (error: unknown) => { arrive(() => { reject(toError(error)); }); },
          );
        void (shielded ? CancellationScope.nonCancellable(run) : runScope.run(run));
      });
      // An author may look at the result late or never; that must not fail the workflow task.
      promise.catch(() => undefined);
      return promise;
    },
  };
}

/** Resolves when all author code that could run has run: conditions are looked at only after that. */
async function drainMicrotasks(): Promise<void> {
  let isDrained = false;
  const drained = condition(() => isDrained);
  isDrained = true;
  await drained;
}
