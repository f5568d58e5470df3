// The delivery loop: hands completions over one at a time and lets author code react to each fully before the next. While
// author code is led back to where it was, completions come from the ledger; then from the world.

import { CancellationScope } from '@temporalio/workflow';
import { toThrown } from '../domain/thrown.js';
import { drainMicrotasks } from './drain-microtasks.js';
import { readWorkflowTimeMs } from './workflow-clock.js';

export interface Delivery {
  /** A completion of the world; delivered when its turn comes, with the time at which it arrived. */
  arrive(deliver: (atMs: number) => void): void;
  /** Begins with what is served from the ledger. */
  start(): void;
  isIdle(): boolean;
  /** Rejects when serving failed: author code took another way than the ledger says. */
  readonly broken: Promise<never>;
}

/** `isServing` says whether author code is being led back; `serveNext` then hands over the next completion of the ledger. */
export function createDelivery({ isServing, serveNext }: { readonly isServing: () => boolean; readonly serveNext: () => void }): Delivery {
  const arrivals: (() => void)[] = [];
  // A cancelled scope would refuse the wait inside, and completions must arrive all the same.
  const shield = new CancellationScope({ cancellable: false });
  let isDelivering = false;
  let breakOff: (error: Error) => void = () => undefined;
  const broken = new Promise<never>((_resolve, reject) => { breakOff = reject; });
  broken.catch(() => undefined);

  const deliverAll = async (): Promise<void> => {
    if (isDelivering) return;
    isDelivering = true;
    try {
      while (isServing()) {
        await drainMicrotasks();
        serveNext();
      }
      for (let next = arrivals.shift(); next; next = arrivals.shift()) {
        next();
        await drainMicrotasks();
      }
    } catch (error) {
      breakOff(toThrown(error));
    }
    isDelivering = false;
  };

  return {
    broken,
    arrive: (deliver) => {
      const atMs = readWorkflowTimeMs();
      arrivals.push(() => { deliver(atMs); });
      void shield.run(deliverAll);
    },
    start: () => { void shield.run(deliverAll); },
    isIdle: () => arrivals.length === 0 && !isDelivering,
  };
}
